// Cells that are edited in their place: a double click, E on the row, or Enter on the cell; Enter saves, Escape leaves it.
// <tr data-record="ID" data-version="N"> <td data-cell="KEY">; the list says of what it is with data-list-of.
"use strict";
(() => {
  const CLICK_MS = 260;
  let waiting = 0;
  const old = new WeakMap();
  const cellOf = (target) => target.closest?.("tr[data-record] > td[data-cell]");

  function open(cell) {
    if (!cell || cell.querySelector("[data-cell-box]")) return;
    const row = cell.closest("tr");
    const noun = row.closest("[data-list-of]").dataset.listOf;
    old.set(cell, cell.innerHTML);
    window.htmx.ajax("GET", `/cells/${noun}/${row.dataset.record}/${cell.dataset.cell}/`, { target: cell, swap: "innerHTML" }).then(() => {
      const box = cell.querySelector("[name=value]");
      box?.focus();
      box?.select?.();
    });
  }
  function leave(cell) {
    if (old.has(cell)) cell.innerHTML = old.get(cell);
    old.delete(cell);
    cell.closest("tr")?.focus({ preventScroll: true });
  }
  window.gtmos.openCell = open;
  const cells = (row) => [...row.querySelectorAll("td[data-cell]")].filter(window.gtmos.isShown);

  // One click opens the record, two edit the cell: the first waits for the second.
  document.addEventListener("click", (event) => {
    const cell = cellOf(event.target);
    if (!cell || event.target.closest("a, button, input, label, select")) return;
    event.stopPropagation();
    clearTimeout(waiting);
    if (event.detail > 1) { open(cell); return; }
    const row = cell.closest("tr");
    window.gtmos.setCurrent(row);
    waiting = setTimeout(() => { if (row.dataset.href && !String(getSelection())) location.assign(row.dataset.href); }, CLICK_MS);
  }, true);

  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog[open], .row-menu")) return;
    const box = event.target.closest?.("[data-cell-box]");
    if (box) {
      const cell = box.closest("td");
      if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); leave(cell); }
      if (event.key === "Enter" && event.target.matches("select")) { event.preventDefault(); box.requestSubmit(); }
      if (event.key === "Tab") {
        const all = cells(cell.closest("tr"));
        const next = all[all.indexOf(cell) + (event.shiftKey ? -1 : 1)];
        event.preventDefault();
        cell.dataset.then = next?.dataset.cell || "";
        box.requestSubmit();
      }
      return;
    }
    if (window.gtmos.inField(event.target)) return;
    const row = event.target.closest?.("tr[data-record]") || document.querySelector("tr[data-record].is-current");
    if (!row) return;
    const here = document.activeElement?.closest?.("td[data-cell]");
    const all = cells(row);
    if (event.key === "ArrowRight" || event.key === "ArrowLeft") {
      const next = all[(here ? all.indexOf(here) : -1) + (event.key === "ArrowRight" ? 1 : -1)];
      if (!next) return;
      next.tabIndex = -1;
      next.focus();
      event.preventDefault();
      event.stopPropagation();
    } else if (event.key === "e" || (event.key === "Enter" && here)) {
      if (!all.length) return;
      open(here || all[0]);
      event.preventDefault();
      event.stopPropagation();
    }
  }, true);
  // A closed list changes at every arrow key: only what was chosen with the pointer is saved at once, the rest at Enter or Tab.
  let chosenByPointer = false;
  document.addEventListener("pointerdown", (event) => { chosenByPointer = Boolean(event.target.closest?.("[data-cell-box] select")); }, true);
  document.addEventListener("keydown", () => { chosenByPointer = false; }, true);
  document.addEventListener("change", (event) => {
    if (chosenByPointer && event.target.matches?.("[data-cell-box] select")) event.target.form.requestSubmit();
  });
  // What was refused stands there again as it was; the sentence says why.
  document.addEventListener("htmx:afterRequest", (event) => {
    const box = event.detail.elt.closest?.("[data-cell-box]");
    if (box && !event.detail.successful && box.isConnected) leave(box.closest("td"));
  });
  // Without a connection the cell shows what was typed until it is sent.
  document.addEventListener("gtmos:kept", (event) => {
    const cell = event.target.closest("td[data-cell]");
    if (!cell) return;
    const box = cell.querySelector("[name=value]");
    old.delete(cell);
    cell.textContent = box.selectedOptions?.[0]?.textContent ?? box.value;
    cell.classList.add("is-kept");
    cell.closest("tr")?.focus({ preventScroll: true });
  });
  document.addEventListener("cell-saved", (event) => {
    const row = document.querySelector(`tr[data-record="${CSS.escape(event.detail.record)}"]`);
    if (row) row.focus({ preventScroll: true });
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const cell = event.detail.target;
    if (!cell.matches?.("td[data-then]") || cell.querySelector("[data-cell-box]")) return;
    const next = cell.closest("tr").querySelector(`td[data-cell="${CSS.escape(cell.dataset.then)}"]`);
    delete cell.dataset.then;
    open(next);
  });
})();
