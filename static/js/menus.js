// The menu of a row or a card: a right click, or the menu key (⇧F10) on it, offers what can be done with it. Links,
// fields and chosen text keep the menu of the browser; so does a right click with ⇧.
"use strict";
(() => {
  const MOST_CELLS = 8;
  let menu = null;
  let owner = null;

  function close(isBack) {
    if (!menu) return;
    menu.remove();
    menu = null;
    owner?.classList.remove("has-menu");
    if (isBack && owner?.isConnected) owner.focus({ preventScroll: true });
    owner = null;
  }

  const headOf = (cell) => cell.closest("table").tHead?.rows[0]?.cells[cell.cellIndex]?.textContent.replace(/[↑↓]/g, "").trim() || "";
  function offers(row) {
    const found = [];
    const href = row.dataset.href || "";
    if (href) found.push(["Open", () => location.assign(href)], ["Open in a new tab", () => window.open(href, "_blank", "noopener")]);
    for (const button of row.querySelectorAll("button[aria-label]")) if (!button.disabled) found.push([button.getAttribute("aria-label"), () => button.click()]);
    for (const cell of [...row.querySelectorAll(":scope > td[data-cell]")].filter(window.gtmos.isShown).slice(0, MOST_CELLS)) if (headOf(cell)) found.push([`Change ${headOf(cell)}`, () => window.gtmos.openCell(cell)]);
    const box = row.querySelector("[data-select]");
    if (box) found.push([box.checked ? "Take the tick away" : "Tick", () => box.click()]);
    if (href && navigator.clipboard) found.push(["Copy the link", () => navigator.clipboard.writeText(new URL(href, location.href).href).then(() => window.gtmos.toast({ level: "good", text: "The link is copied" }))]);
    return found;
  }

  function open(row, x, y) {
    close(false);
    const found = offers(row);
    if (!found.length) return false;
    owner = row;
    row.classList.add("has-menu"); // it is not read again while one chooses
    menu = document.createElement("div");
    menu.className = "row-menu";
    menu.setAttribute("role", "menu");
    menu.setAttribute("aria-label", row.querySelector("a[href]")?.textContent.trim() || "What can be done");
    for (const [words, act] of found) {
      const item = document.createElement("button");
      item.type = "button";
      item.className = "menu-item";
      item.setAttribute("role", "menuitem");
      item.tabIndex = -1;
      item.textContent = words;
      item.addEventListener("click", () => { close(true); act(); });
      menu.append(item);
    }
    document.body.append(menu);
    menu.style.left = `${Math.max(4, Math.min(x, innerWidth - menu.offsetWidth - 4))}px`;
    menu.style.top = `${Math.max(4, Math.min(y, innerHeight - menu.offsetHeight - 4))}px`;
    window.gtmos.setCurrent(row);
    menu.firstElementChild.focus();
    return true;
  }

  document.addEventListener("contextmenu", (event) => {
    const row = event.target.closest?.("[data-row]");
    if (!row || event.pointerType === "touch" || (event.shiftKey && event.button === 2) || document.querySelector("dialog[open]")) return;
    if (event.target.closest("a, input, textarea, select, [data-cell-box]") || String(getSelection())) return;
    const place = row.getBoundingClientRect();
    const byKey = event.button !== 2 || (!event.clientX && !event.clientY);
    if (open(row, byKey ? place.left + 24 : event.clientX, byKey ? place.top + 24 : event.clientY)) event.preventDefault();
  });

  const STEPS = { ArrowDown: 1, ArrowUp: -1 };
  function pressed(event) {
    if (!menu) return;
    const items = [...menu.children];
    const at = items.indexOf(document.activeElement);
    if (event.key === "Escape" || event.key === "Tab") close(true);
    else if (STEPS[event.key]) items[(at + STEPS[event.key] + items.length) % items.length].focus();
    else if (event.key === "Home") items[0].focus();
    else if (event.key === "End") items[items.length - 1].focus();
    else if (event.key.length === 1 && event.key !== " ") items.find((item) => item.textContent.toLowerCase().startsWith(event.key.toLowerCase()))?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  document.addEventListener("keydown", pressed, true);
  document.addEventListener("pointerdown", (event) => { if (menu && !menu.contains(event.target)) close(false); }, true);
  document.addEventListener("scroll", () => close(false), true);
  window.addEventListener("blur", () => close(false));
  window.addEventListener("resize", () => close(false));
})();
