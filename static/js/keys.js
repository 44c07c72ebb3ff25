// The keyboard: letters press the button that shows them (data-key), G goes places, J and K move in the list.
"use strict";
(() => {
  const { inField, isShown, save, setThread } = window.gtmos;
  const GO_MS = 1200;
  let goUntil = 0;
  const lettersOn = () => { try { return localStorage.getItem("gtmos.letters") !== "off"; } catch { return true; } };

  const rows = () => [...document.querySelectorAll("[data-row]")].filter(isShown);
  const current = () => document.querySelector("[data-row].is-current");

  function setCurrent(row) {
    for (const other of document.querySelectorAll("[data-row].is-current")) other.classList.remove("is-current");
    if (!row) return;
    row.classList.add("is-current");
    if (row.matches("[tabindex]")) row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
  function move(by) {
    const all = rows();
    if (!all.length) return false;
    const at = all.indexOf(current());
    setCurrent(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))]);
    return true;
  }
  function openCurrent() {
    const row = current();
    if (!row) return false;
    const link = row.querySelector("a[href]");
    if (row.dataset.href) location.assign(row.dataset.href); else if (link) link.click(); else return false;
    return true;
  }

  // A letter does something to the current row alone. It decides an approval also when that is the only one and no
  // row is current; a number stands on its button and says itself which row it means.
  function pressable(button) {
    if (!isShown(button) || button.disabled) return false;
    const row = button.closest("[data-row]");
    if (!row || row === current() || /^\d$/.test(button.dataset.key)) return true;
    return row.matches("[data-approval]") && !current() && [...document.querySelectorAll("[data-approval]")].filter(isShown).length === 1;
  }

  // The nearest button with that key: in the current row, in the open dialog, then on the page.
  function press(key) {
    const dialog = document.querySelector("dialog[open]");
    const scopes = dialog ? [document.getElementById("toasts"), dialog] : [current(), document.getElementById("toasts"), document];
    for (const scope of scopes) {
      const button = [...(scope?.querySelectorAll(`[data-key="${CSS.escape(key)}"]`) || [])].find(pressable);
      if (button) { button.click(); return true; }
    }
    return false;
  }

  function go(letter) {
    const entry = document.querySelector(`[data-go="${CSS.escape(letter)}"]`);
    if (entry) entry.click();
    return Boolean(entry);
  }
  function tick() {
    const box = current()?.querySelector("[data-select]");
    if (box) box.click();
    return Boolean(box);
  }
  function filter() {
    const field = [...document.querySelectorAll("[data-filter]")].find(isShown);
    if (field) { field.focus(); field.select(); }
    return Boolean(field);
  }
  function tab(number) {
    const link = [...document.querySelectorAll("[data-tab]")].filter(isShown)[number - 1];
    if (link) link.click();
    return Boolean(link);
  }
  function help() {
    const dialog = document.getElementById("keys-help");
    if (!dialog) return false;
    window.gtmos.openDialog(dialog);
    return true;
  }

  const LETTERS = {
    j: () => move(1), k: () => move(-1), x: tick, f: filter, "?": help,
    z: (event) => { window.htmx.ajax("POST", event.shiftKey ? "/done/redo/" : "/done/undo/", { source: document.body, swap: "none" }); return true; },
    t: () => { setThread(document.documentElement.dataset.thread !== "open"); return true; },
    g: () => { goUntil = Date.now() + GO_MS; return true; },
  };

  function plain(event) {
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (Date.now() < goUntil) { goUntil = 0; return go(key); }
    if (event.key === "Enter") return event.target.closest("a, button, summary") ? false : openCurrent();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") return current() ? move(event.key === "ArrowDown" ? 1 : -1) : false;
    if (key.length !== 1 || !lettersOn()) return false;
    return (!(key === "z" && event.shiftKey) && press(key)) || Boolean(!document.querySelector("dialog[open]") && LETTERS[key]?.(event));
  }

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if ((event.metaKey || event.ctrlKey) && event.key === "Enter") {
      if (!document.getElementById("palette")?.open && press("mod+enter")) event.preventDefault();
      return;
    }
    if (event.altKey && /^Digit[1-9]$/.test(event.code)) { if (tab(Number(event.code.slice(5)))) event.preventDefault(); return; }
    if (event.metaKey || event.ctrlKey || event.altKey) return;
    if (inField(event.target)) { if (event.key === "Escape" && event.target.matches("[data-filter]")) event.target.blur(); return; }
    if (plain(event)) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const row = event.target.closest?.("[data-row]");
    if (!row || event.target.closest("a, button, input, label, select, summary")) return;
    setCurrent(row);
    if (row.dataset.href && !String(getSelection())) location.assign(row.dataset.href);
  });
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest?.("[data-row]");
    if (row && row === event.target && !row.classList.contains("is-current")) setCurrent(row);
  });
  document.addEventListener("DOMContentLoaded", () => {
    for (const box of document.querySelectorAll("[data-keys-switch]")) {
      box.checked = lettersOn();
      box.addEventListener("change", () => save("gtmos.letters", box.checked ? null : "off"));
    }
  });
  window.gtmos.setCurrent = setCurrent;
})();
