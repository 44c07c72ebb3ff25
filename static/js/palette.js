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
  const jumps = () => byId("palette-jump");
  const options = () => [...jumps().querySelectorAll("[role=option]:not([hidden])"), ...plan().querySelectorAll("[role=option]")];
  const chosen = () => options().find((option) => option.getAttribute("aria-selected") === "true");

  function open(text = "") {
    if (!palette() || palette().open) return;
    if (text) { box().value = text; }
    form().elements.context.value = document.body.dataset.context || "{}";
    window.gtmos.openDialog(palette());
    grow();
    box().focus();
    // "Log a call with Contoso, " waits for the rest; a whole sentence may be replaced by typing.
    if (text.endsWith(" ")) box().setSelectionRange(text.length, text.length); else box().select();
    offerVerbs();
    if (box().value.trim()) { jump(); ask(); } else select(jump());
  }

  // Pages, records that were opened last and what this page can do: found at every key without asking the server.
  const SHOWN = 6;
  const LONGEST = 40;
  function fit(label, text) { // the smaller the better; -1 does not fit
    const name = label.toLowerCase();
    if (name === text) return 0;
    if (name.startsWith(text)) return 1;
    if (name.split(/\s+/).some((word) => word.startsWith(text))) return 2;
    if (text.length < 3) return -1;
    if (name.includes(text)) return 3;
    let at = -1;
    for (const letter of text) { at = name.indexOf(letter, at + 1); if (at < 0) return -1; }
    return 4;
  }
  function offerVerbs() {
    for (const old of jumps().querySelectorAll("[data-verb]")) old.remove();
    for (const button of document.querySelectorAll(".topbar .actions :is(a.btn, button.btn), .action-set .btn, #main header :is(a.btn, button.btn), #main .menu-item")) {
      const label = [...button.childNodes].filter((node) => node.nodeName !== "KBD").map((node) => node.textContent).join("").trim();
      if (!label || button.disabled || jumps().querySelectorAll("[data-verb]").length >= 20) continue;
      const option = document.createElement("button");
      option.type = "button";
      option.className = "option";
      option.setAttribute("role", "option");
      option.dataset.jump = label;
      option.dataset.verb = "";
      option.gtmosPress = () => { palette().close(); button.click(); };
      const name = document.createElement("span");
      name.className = "grow medium title-of";
      name.textContent = label;
      const where = document.createElement("span");
      where.className = "note muted";
      where.textContent = "On this page";
      option.append(name, where);
      jumps().append(option);
    }
    [...jumps().children].forEach((option, place) => { option.id = `palette-jump-${place}`; });
  }
  function jump() {
    const text = box().value.trim().toLowerCase();
    const all = [...jumps().querySelectorAll("[role=option]")];
    const fits = new Map(all.map((option) => [option, text ? fit(option.dataset.jump, text) : ("verb" in option.dataset ? 0 : "recent" in option.dataset ? 1 : 2)]));
    const best = text.length > LONGEST ? [] : all.filter((option) => fits.get(option) >= 0).sort((one, two) => fits.get(one) - fits.get(two)).slice(0, text ? SHOWN : 12);
    for (const option of all) { option.hidden = !best.includes(option); option.setAttribute("aria-selected", "false"); }
    jumps().append(...best);
    jumps().hidden = !best.length;
    return best.length && (!text || (text.length > 1 && fits.get(best[0]) < 2)) ? best[0] : null;
  }

  function ask() {
    clearTimeout(timer);
    askedFor = box().value;
    form().elements.overrides.value = JSON.stringify(overrides);
    if (!askedFor.trim()) { plan().replaceChildren(); underline([]); select(jump()); return; }
    if (window.gtmos.offline.isLost()) { sayLost(); return; }
    window.htmx.trigger(form(), "plan");
  }
  function typed() {
    if (!box().value.trim()) overrides = {};
    underline([]);
    grow();
    const found = jump();
    if (found) select(found);
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
    const big = palette().querySelector("[data-palette-run]");
    big.hidden = !option; // where nothing can be done there is nothing to press
    if (!option) { box().removeAttribute("aria-activedescendant"); return; }
    box().setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
    big.textContent = option.querySelector(".title-of")?.textContent || "Open";
  }
  function move(by) {
    const all = options();
    if (all.length) select(all[(all.indexOf(chosen()) + by + all.length) % all.length]);
  }

  // What the bar shows is of the words in it: the same choice and key as if it were done at once.
  function valuesOf(option) {
    const isShown = box().value === askedFor;
    return {
      ...Object.fromEntries(new FormData(form())), overrides: JSON.stringify(overrides),
      choice: (isShown && option?.dataset.choice) || "", key: (isShown && plan().querySelector("[data-plan]")?.dataset.plan) || "",
    };
  }
  function keep(option) {
    window.gtmos.offline.keepSentence(palette().dataset.runUrl, valuesOf(option));
    cleared();
  }
  function sayLost() {
    const words = document.createElement("p");
    words.className = "body small soft";
    words.textContent = "The connection is lost. Enter keeps this sentence here; it is done when the connection is back.";
    plan().replaceChildren(words);
  }
  function cleared() {
    box().value = "";
    overrides = {};
    plan().replaceChildren();
    palette().close();
  }

  function run(option) {
    if (window.gtmos.offline.isLost() && !option?.gtmosPress && !option?.href && box().value.trim()) { keep(option); return; }
    if (option?.dataset.jump) { if (option.gtmosPress) option.gtmosPress(); else location.assign(option.href); return; }
    if (box().value !== askedFor) { runAfterPlan = true; ask(); return; } // never run a plan of another sentence
    if (!option) return;
    if (option.href) { location.assign(option.href); return; }
    option.setAttribute("aria-busy", "true");
    window.htmx.ajax("POST", palette().dataset.runUrl, { source: palette(), target: "#thread", swap: "innerHTML", values: valuesOf(option) }) // the same answer twice is done once
      .catch(() => {}) // that no answer came is said by the line above the page
      .then(() => option.removeAttribute("aria-busy"));
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
      cleared();
      window.gtmos.setThread(true);
    });
  });

  function planned() {
    const shown = plan().querySelector("[data-plan]");
    let spans = [];
    try { spans = JSON.parse(shown?.dataset.spans || "[]") || []; } catch { /* no underlines then */ }
    if (Array.isArray(spans) && box().value === askedFor) underline(spans);
    const held = jump();
    select(held || plan().querySelector("[role=option][aria-selected=true]") || options()[0]);
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
