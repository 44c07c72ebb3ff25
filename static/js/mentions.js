// Naming a colleague in a note: after an @ a list opens below the field; arrows choose, Enter or Tab takes, Esc closes.
"use strict";
(() => {
  const ASK_MS = 120;
  const BEGUN = /(^|[^\w@.])@([\p{L}][\p{L} .'-]{0,40})?$/u;
  let field = null;
  let list = null;
  let asked = 0;
  let latest = 0;

  const begun = (area) => BEGUN.exec(area.value.slice(0, area.selectionStart));
  const options = () => [...(list?.children || [])];

  function close() {
    list?.remove();
    field?.removeAttribute("aria-activedescendant");
    field?.setAttribute("aria-expanded", "false");
    list = null;
  }
  function mark(at) {
    const all = options();
    all.forEach((each, place) => each.setAttribute("aria-selected", String(place === at)));
    if (all[at]) field.setAttribute("aria-activedescendant", all[at].id);
  }
  const marked = () => options().findIndex((each) => each.getAttribute("aria-selected") === "true");

  function show(people) {
    close();
    if (!people.length) return;
    list = document.createElement("div");
    list.className = "mentions";
    list.id = `${field.id}-people`;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Colleagues");
    people.forEach((each, place) => {
      const option = document.createElement("div");
      option.className = "mention";
      option.id = `${list.id}-${place}`;
      option.setAttribute("role", "option");
      option.textContent = each.name;
      list.append(option);
    });
    field.insertAdjacentElement("afterend", list);
    field.setAttribute("aria-controls", list.id);
    field.setAttribute("aria-expanded", "true");
    mark(0);
  }
  function take(option) {
    const found = begun(field);
    if (!found) return close();
    const start = field.selectionStart - (found[2] || "").length;
    field.setRangeText(`${option.textContent} `, start, field.selectionStart, "end");
    close();
    field.focus();
  }
  async function ask(area) {
    const found = begun(area);
    if (!found) return close();
    const mine = ++latest;
    const answer = await fetch(`${area.dataset.mentions}?q=${encodeURIComponent(found[2] || "")}`, { credentials: "same-origin" });
    if (!answer.ok || mine !== latest || document.activeElement !== area) return;
    field = area;
    show((await answer.json()).people);
  }

  document.addEventListener("input", (event) => {
    const area = event.target.closest?.("[data-mentions]");
    if (!area) return;
    clearTimeout(asked);
    asked = setTimeout(() => ask(area), ASK_MS);
  });
  document.addEventListener("keydown", (event) => {
    if (!list || event.target !== field) return;
    const all = options();
    const at = marked();
    if (event.key === "ArrowDown") mark((at + 1) % all.length);
    else if (event.key === "ArrowUp") mark((at - 1 + all.length) % all.length);
    else if (event.key === "Enter" || event.key === "Tab") take(all[Math.max(0, at)]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
  document.addEventListener("mousedown", (event) => {
    const option = event.target.closest?.(".mention");
    if (!option) return;
    event.preventDefault();
    take(option);
  });
  document.addEventListener("focusout", (event) => { if (event.target === field) close(); });
})();
