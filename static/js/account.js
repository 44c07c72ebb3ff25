// The pages of records: panels that are moved and remembered, and who else is here. One socket (live.js) carries it.
"use strict";
(() => {
  const RENEW_MS = 15000;
  const SAVE_MS = 400;
  const STEP = 2;

  // Panels: a class for each width, so that the page comes as it was left and no style is set from here.
  const arranged = (element) => element.closest(".is-arranged");
  const bounded = (split) => Math.min(70, Math.max(30, Math.round(split / STEP) * STEP));
  let saving = 0;

  function setSplit(panels, split) {
    const wanted = bounded(split);
    panels.classList.remove(`split-${panels.dataset.split}`);
    panels.classList.add(`split-${wanted}`);
    panels.dataset.split = String(wanted);
    panels.querySelector(".splitter")?.setAttribute("aria-valuenow", String(wanted));
    keep(panels, { split: wanted });
  }
  function keep(panels, values) {
    panels.layoutValues = { ...panels.layoutValues, ...values };
    clearTimeout(saving);
    saving = setTimeout(() => {
      window.htmx.ajax("POST", panels.dataset.layoutUrl, { source: panels, values: panels.layoutValues, swap: "none" });
      panels.layoutValues = {};
    }, SAVE_MS);
  }

  document.addEventListener("pointerdown", (event) => {
    const splitter = event.target.closest?.(".splitter");
    if (!splitter) return;
    event.preventDefault();
    splitter.focus();
    splitter.setPointerCapture(event.pointerId);
    const panels = arranged(splitter);
    const box = panels.getBoundingClientRect();
    const move = (moved) => setSplit(panels, ((moved.clientX - box.left) / box.width) * 100);
    splitter.addEventListener("pointermove", move);
    splitter.addEventListener("lostpointercapture", () => splitter.removeEventListener("pointermove", move), { once: true });
  });
  document.addEventListener("keydown", (event) => {
    const splitter = event.target.closest?.(".splitter");
    const by = { ArrowLeft: -STEP, ArrowRight: STEP, Home: -100, End: 100 }[event.key];
    if (!splitter || !by) return;
    event.preventDefault();
    const panels = arranged(splitter);
    setSplit(panels, Number(panels.dataset.split) + by);
  });

  // Parts that are folded: a click folds one, and all that are folded now are told.
  document.addEventListener("click", (event) => {
    const summary = event.target.closest?.("details[data-fold] > summary");
    const panels = summary && arranged(summary);
    if (!panels) return;
    setTimeout(() => {
      const folded = [...panels.querySelectorAll("details[data-fold]:not([open])")].map((each) => each.dataset.fold);
      keep(panels, { collapsed: folded.join(" ") });
    });
  });
  document.addEventListener("click", (event) => {
    const begun = event.target.closest?.("[data-begin]");
    const panels = begun && arranged(begun);
    if (panels) keep(panels, { action: begun.dataset.begin });
  });

  // A form that stays on the page is empty again when what it sent has arrived; Enter sends, Shift with Enter is a new line.
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt;
    if (form instanceof HTMLFormElement && form.matches("[data-reset-after]") && event.detail.successful) form.reset();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.defaultPrevented) return;
    if (!event.target.matches?.("[data-send-on-enter]")) return;
    event.preventDefault();
    event.target.form.requestSubmit();
  });

  // Fill from notes: a press puts the value into the form; nothing is saved before the form is.
  document.addEventListener("click", (event) => {
    const taken = event.target.closest?.("[data-fill]");
    const left = event.target.closest?.("[data-fill-leave]");
    const offer = (taken || left)?.closest("[data-offer]");
    if (!offer) return;
    if (left) { offer.remove(); return; }
    const field = document.querySelector(`main form:not([hx-post]) [name="${CSS.escape(taken.dataset.fill)}"]`);
    if (!field) return;
    field.value = taken.dataset.fillValue;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    offer.classList.add("is-taken");
    taken.textContent = "Taken";
    taken.disabled = true;
  });

  // Who else is here. What is sent is where I am; what comes is where the others are.
  let where = { field: "", label: "" };
  const places = () => [...document.querySelectorAll("[data-presence]")];
  const announce = (only) => {
    for (const place of places()) if (!only || place.dataset.presence === only) window.gtmos.live?.send({ present: place.dataset.presence, ...where });
  };
  const labelOf = (field) => (field.getAttribute("aria-label") || field.labels?.[0]?.firstChild?.textContent || field.name).trim().slice(0, 60);

  function moveTo(field) {
    const named = field?.matches?.("main [name]:not([type=hidden], [type=search])") && !field.closest("#palette");
    const next = named ? { field: field.name.replace(/[^a-z0-9_.]/gi, "_").toLowerCase(), label: labelOf(field) } : { field: "", label: "" };
    if (next.field === where.field) return;
    where = next;
    announce();
  }
  document.addEventListener("focusin", (event) => moveTo(event.target));
  document.addEventListener("focusout", (event) => { if (!event.relatedTarget) moveTo(null); });
  setInterval(() => { if (!document.hidden) announce(); }, RENEW_MS);

  const initials = (name) => name.split(/\s+/).slice(0, 2).map((word) => word[0] || "").join("").toUpperCase();
  function words(people) {
    const at = people.find((each) => each.field);
    if (at) return `${at.name} is editing ${at.label || at.field}`;
    if (people.length === 1) return `${people[0].name} is here too`;
    return people.length ? `${people.length} others are here` : "";
  }
  function draw(place, people) {
    place.replaceChildren(...people.slice(0, 4).map((each) => {
      const dot = document.createElement("span");
      dot.className = `avatar${each.field ? " is-editing" : ""}`;
      dot.title = each.field ? `${each.name} is editing ${each.label || each.field}` : `${each.name} has this open`;
      dot.textContent = initials(each.name);
      return dot;
    }));
    const text = document.createElement("span");
    text.className = "small muted";
    text.textContent = words(people);
    place.append(text);
  }
  function mark(people) {
    for (const marked of document.querySelectorAll("[data-edited-by]")) delete marked.dataset.editedBy;
    for (const each of people) {
      const field = each.field && document.querySelector(`main .field [name="${CSS.escape(each.field)}"]`);
      if (field) field.closest(".field").dataset.editedBy = `${each.name} is editing this`;
    }
  }
  document.addEventListener("gtmos:live", ({ detail: message }) => {
    if (message.kind === "following") announce(message.topic);
    if (message.kind !== "presence") return;
    for (const place of places()) if (place.dataset.presence === message.topic) draw(place, message.people);
    mark(message.people);
  });
})();
