// A value is chosen by its name where its field has only certain ones; else it is typed. The box of the field has the same name, with “field” for “value”.
"use strict";
(() => {
  const COPIED = ["name", "id", "aria-label", "aria-describedby", "maxlength", "data-value-box"];

  function knownOf(form) {
    const holder = form.querySelector("[data-known-values]");
    return holder ? JSON.parse(holder.dataset.knownValues) : null;
  }

  function fieldOf(form, box) {
    const name = box.name.replace(/value$/, "field");
    return [...form.elements].find((each) => each.name === name);
  }

  function replace(box, tag) {
    const made = document.createElement(tag);
    for (const name of COPIED) if (box.hasAttribute(name)) made.setAttribute(name, box.getAttribute(name));
    if (tag === "input") made.type = "text";
    box.replaceWith(made);
    return made;
  }

  function typed(box, isOther) {
    if (box.tagName !== "SELECT") return;
    const made = replace(box, "input");
    made.className = box.dataset.typedClass || "";
    if (!isOther) made.value = box.value;
  }

  function chosen(box, field, values) {
    const present = box.value;
    const kept = values.some(([key]) => key === present) || !present ? [] : [[present, present]];
    const select = box.tagName === "SELECT" ? box : replace(box, "select");
    if (select !== box) {
      select.dataset.typedClass = box.className;
      select.className = field.className.replace(/\bwf-wide\b/, "");
    }
    select.replaceChildren(...[["", "Choose"], ...kept, ...values].map(([key, words]) => new Option(words, key, false, key === present)));
  }

  function offer(form, changed) {
    const known = knownOf(form);
    if (!known) return;
    const event = form.querySelector("[name=event_name]");
    for (const box of form.querySelectorAll("[data-value-box]")) {
      const field = fieldOf(form, box);
      if (!field) continue;
      const isOther = field === changed;
      const values = known[field.value] || (event && known[`${event.value} ${field.value}`]);
      if (!values) typed(box, isOther);
      else {
        if (isOther) box.value = "";
        chosen(box, field, values);
      }
    }
  }

  document.addEventListener("change", (event) => {
    const form = event.target.closest("form");
    if (form && event.target.tagName === "SELECT" && !event.target.matches("[data-value-box]")) offer(form, event.target);
  });
  const start = () => document.querySelectorAll("form:has([data-known-values])").forEach((form) => offer(form, null));
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
