// Ticks in a table: how many are chosen, and the actions that replace the header's right side.
// <section data-selection> … header with .no-bulk and .bulk ([data-selected-count]) … table[data-selectable] …
"use strict";
(() => {
  let last = null;
  const boxes = (scope) => [...scope.querySelectorAll("[data-select]")];
  const scopeOf = (element) => element.closest("[data-selection]") || element.closest("[data-selectable]");

  function refresh(scope) {
    const all = boxes(scope);
    const ticked = all.filter((box) => box.checked).length;
    scope.classList.toggle("has-selection", ticked > 0);
    for (const place of scope.querySelectorAll("[data-selected-count]")) place.textContent = `${ticked} of ${all.length} selected`;
    const head = scope.querySelector("[data-select-all]");
    if (head) { head.checked = ticked > 0 && ticked === all.length; head.indeterminate = ticked > 0 && ticked < all.length; }
  }

  document.addEventListener("click", (event) => {
    const box = event.target;
    if (!(box instanceof HTMLInputElement) || !box.matches("[data-select], [data-select-all]")) return;
    const scope = scopeOf(box);
    if (!scope) return;
    const all = boxes(scope);
    if (box.matches("[data-select-all]")) for (const other of all) other.checked = box.checked;
    else if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((one, two) => one - two);
      for (const other of all.slice(from, to + 1)) other.checked = box.checked;
    }
    last = box.matches("[data-select]") ? box : last;
    refresh(scope);
    window.gtmos.announce(`${all.filter((one) => one.checked).length} selected`);
  });
  document.addEventListener("htmx:afterSettle", () => document.querySelectorAll("[data-selection], [data-selectable]").forEach(refresh));
  // What is ticked stays ticked when the rows are read again because somebody changed one.
  let kept = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.detail.shouldSwap) return;
    const rows = event.detail.target;
    if (rows.matches?.("[data-live-rows]")) kept = { id: rows.id, values: new Set(boxes(rows).filter((box) => box.checked).map((box) => box.value)) };
  });
  document.addEventListener("htmx:afterSwap", () => {
    const rows = kept && document.getElementById(kept.id);
    if (rows) for (const box of boxes(rows)) box.checked = kept.values.has(box.value);
    kept = null;
  });
  // A bulk button with hx-post inside [data-selection] sends the ticked ids.
  document.addEventListener("htmx:configRequest", (event) => {
    const scope = event.detail.elt.closest?.("[data-bulk]")?.closest("[data-selection]");
    if (scope) for (const box of boxes(scope)) if (box.checked) event.detail.formData.append(box.name, box.value);
  });
})();
