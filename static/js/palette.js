// The command bar: typing asks the planner what it understood, Enter does it.
"use strict";
(() => {
  const PAUSE_MS = 120;
  const byId = (id) => document.getElementById(id);
  let timer = 0;
  let overrides = {};
  let askedFor = "";
  let runAfterPlan = false;

  const palette = () => byId("palette");
  const form = () => byId("command-form");
  const box = () => form().elements.text;
  const plan = () => byId("command-plan");
  const options = () => [...plan().querySelectorAll("[role=option]")];
  const chosen = () => plan().querySelector("[role=option][aria-selected=true]");

  function open(text = "") {
    if (!palette() || palette().open) return;
    if (text) { box().value = text; }
    form().elements.context.value = document.body.dataset.context || "{}";
    window.gtmos.openDialog(palette());
    grow();
    box().focus();
    box().select();
    if (box().value.trim()) ask();
  }

  function ask() {
    clearTimeout(timer);
    askedFor = box().value;
    form().elements.overrides.value = JSON.stringify(overrides);
    if (!askedFor.trim()) { plan().replaceChildren(); underline([]); return; }
    window.htmx.trigger(form(), "plan");
  }
  function typed() {
    if (!box().value.trim()) overrides = {};
    underline([]);
    grow();
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  }
  function grow() {
    const area = box();
    area.style.height = "24px";
    area.style.height = `${Math.min(area.scrollHeight, 120)}px`;
  }

  function underline(spans) {
    const mirror = form().querySelector(".mirror");
    const text = box().value;
    mirror.replaceChildren();
    let at = 0;
    for (const [start, end] of [...spans].sort((one, two) => one[0] - two[0])) {
      if (start < at || end > text.length) continue;
      mirror.append(text.slice(at, start));
      const mark = document.createElement("mark");
      mark.textContent = text.slice(start, end);
      mirror.append(mark);
      at = end;
    }
    mirror.append(text.slice(at));
  }

  function select(option) {
    for (const other of options()) other.setAttribute("aria-selected", String(other === option));
    if (!option) return;
    box().setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
    const big = palette().querySelector("[data-palette-run]");
    big.textContent = option.querySelector(".title-of")?.textContent || "Open";
  }
  function move(by) {
    const all = options();
    if (all.length) select(all[(all.indexOf(chosen()) + by + all.length) % all.length]);
  }

  function run(option) {
    if (box().value !== askedFor) { runAfterPlan = true; ask(); return; } // never run a plan of another sentence
    if (!option) return;
    if (option.href) { location.assign(option.href); return; }
    const values = { ...Object.fromEntries(new FormData(form())), choice: option.dataset.choice, key: option.closest("[data-plan]")?.dataset.once || "" }; // the same answer twice is done once
    option.setAttribute("aria-busy", "true");
    window.htmx.ajax("POST", palette().dataset.runUrl, { source: palette(), target: "#thread", swap: "innerHTML", values })
      .finally(() => option.removeAttribute("aria-busy"));
  }

  function changeChip(key, value) {
    overrides[key] = value;
    ask();
  }

  document.addEventListener("DOMContentLoaded", () => {
    if (!palette()?.dataset.runUrl) return;
    box().addEventListener("input", typed);
    form().addEventListener("submit", (event) => event.preventDefault());
    palette().addEventListener("keydown", pressed);
    palette().addEventListener("click", clicked);
    palette().addEventListener("change", (event) => {
      const chip = event.target.closest("[data-chip]");
      if (chip) changeChip(chip.dataset.chip, event.target.value);
    });
    palette().addEventListener("htmx:afterSwap", (event) => { if (event.detail.target === plan()) planned(); });
    palette().addEventListener("htmx:afterRequest", (event) => {
      const { requestConfig, successful, xhr } = event.detail;
      if (requestConfig.path.split("?")[0] !== palette().dataset.runUrl || !successful) return; // a reading carries its answer in the query
      const opens = xhr.getResponseHeader("X-Opens"); // what it makes has a page; until that is here the bar shows how far it is
      if (opens) { location.assign(opens); return; }
      byId("thread").dataset.loaded = "1";
      box().value = "";
      overrides = {};
      plan().replaceChildren();
      palette().close();
      window.gtmos.setThread(true);
    });
  });

  function planned() {
    const shown = plan().querySelector("[data-plan]");
    let spans = [];
    try { spans = JSON.parse(shown?.dataset.spans || "[]") || []; } catch { /* no underlines then */ }
    if (Array.isArray(spans) && box().value === askedFor) underline(spans);
    select(chosen() || options()[0]);
    if (!palette().contains(document.activeElement)) box().focus(); // the chip that had it was drawn anew
    if (runAfterPlan) { runAfterPlan = false; run(plan().querySelector("[data-choice]")); }
  }

  function pressed(event) {
    const inChip = event.target.closest("[data-chip]");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (inChip?.querySelector("select") === event.target) return;
      event.preventDefault();
      move(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && !event.isComposing) {
      if (event.shiftKey && event.target === box()) return;
      if (event.target.closest("button, a") && event.target !== box()) return;
      event.preventDefault();
      if (inChip) { box().focus(); return; } // leaving the field reports the change
      run(event.metaKey || event.ctrlKey ? plan().querySelector("[data-choice]") : chosen());
    } else if (event.key === "Backspace" && inChip && event.target.value === "") {
      changeChip(inChip.dataset.chip, null);
      box().focus();
    }
  }

  function clicked(event) {
    const remove = event.target.closest("[data-chip-remove]");
    const reading = event.target.closest("[data-reading]");
    const option = event.target.closest("[role=option]");
    if (remove) { changeChip(remove.closest("[data-chip]").dataset.chip, null); box().focus(); }
    else if (reading) { box().value = reading.dataset.reading; typed(); box().focus(); }
    else if (event.target.closest("[data-palette-run]")) run(chosen());
    else if (option && !option.href) { select(option); run(option); }
  }

  document.addEventListener("keydown", (event) => {
    if ((event.metaKey || event.ctrlKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
      event.preventDefault();
      if (palette()?.open) palette().close(); else open();
    }
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest?.("[data-palette-open]");
    if (opener) open(opener.dataset.paletteText || "");
  });
  window.gtmos.ask = open;
})();
