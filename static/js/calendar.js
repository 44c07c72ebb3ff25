// The calendar: an entry is dragged to another day, moved with Shift and the arrows, or by its own button where nothing can be dragged; a click on a free place makes a task.
"use strict";
(() => {
  const calendar = () => document.getElementById("calendar");
  let dragged = null;

  function move(entry, day) {
    window.htmx.ajax("POST", calendar().dataset.calendarMove, {
      source: calendar(), target: "#calendar", swap: "outerHTML",
      values: { kind: entry.dataset.entry, id: entry.dataset.id, day },
    }).then(() => document.querySelector(`[data-id="${CSS.escape(entry.dataset.id)}"]`)?.focus());
  }
  function shifted(day, by) {
    const date = new Date(`${day}T12:00:00Z`);
    date.setUTCDate(date.getUTCDate() + by);
    return date.toISOString().slice(0, 10);
  }
  function begin(day) {
    document.getElementById("calendar-day").value = day;
    document.getElementById("calendar-title").value = "";
  }
  function beginMove(entry) {
    const dialog = document.getElementById("calendar-moving");
    dialog.querySelector("[name=kind]").value = entry.dataset.entry;
    dialog.querySelector("[name=id]").value = entry.dataset.id;
    dialog.querySelector("[name=day]").value = entry.closest("[data-day]").dataset.day;
    dialog.querySelector("[data-moving]").textContent = entry.title;
  }
  const dayOf = (event) => event.target.closest?.("[data-day]");

  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-entry]") || null;
    if (dragged) event.dataTransfer.effectAllowed = "move";
  });
  document.addEventListener("dragover", (event) => {
    const day = dragged && dayOf(event);
    for (const other of document.querySelectorAll(".calendar-day.is-over")) if (other !== day) other.classList.remove("is-over");
    if (day) { event.preventDefault(); day.classList.add("is-over"); }
  });
  document.addEventListener("drop", (event) => {
    const day = dragged && dayOf(event);
    if (!day) return;
    event.preventDefault();
    if (day !== dragged.closest("[data-day]")) move(dragged, day.dataset.day);
  });
  document.addEventListener("dragend", () => {
    dragged = null;
    for (const day of document.querySelectorAll(".calendar-day.is-over")) day.classList.remove("is-over");
  });
  document.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    const entry = event.shiftKey && by && event.target.closest?.("[data-entry]");
    if (!entry) return;
    event.preventDefault();
    move(entry, shifted(entry.closest("[data-day]").dataset.day, by));
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-new-on]");
    const mover = event.target.closest?.("[data-moves]");
    if (opener) begin(opener.dataset.newOn);
    else if (mover) beginMove(mover.parentElement.querySelector("[data-entry]"));
    else if (event.target.matches?.("[data-day], .calendar-head")) {
      begin(dayOf(event).dataset.day);
      window.gtmos.openDialog(document.getElementById("calendar-new"));
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches?.("[data-submits]")) event.target.form.requestSubmit();
  });
})();
