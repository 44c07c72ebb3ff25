// Prospect cards: → selects, ← dismisses, a swipe does the same.
"use strict";
(() => {
  const SWIPE_PX = 64;
  const htmxPost = (url, card, values) => window.htmx.ajax("POST", url, { source: card, target: card, swap: "outerHTML", values });

  function act(card, what) {
    const url = what === "select" ? card.dataset.selectUrl : card.dataset.dismissUrl;
    if (!url || card.dataset.busy) return false;
    const cards = [...document.querySelectorAll("[data-prospect]")];
    const next = cards[cards.indexOf(card) + 1];
    card.dataset.busy = "1";
    card.classList.add(what === "select" ? "is-leaving-right" : "is-leaving-left");
    htmxPost(url, card).finally(() => {
      card.classList.remove("is-leaving-right", "is-leaving-left");
      delete card.dataset.busy;
      if (next?.isConnected) window.gtmos.setCurrent(next);
    });
    return true;
  }
  const currentCard = () => document.activeElement?.closest?.("[data-prospect]") || document.querySelector("[data-prospect].is-current");

  document.addEventListener("keydown", (event) => {
    if (event.metaKey || event.ctrlKey || event.altKey || window.gtmos.inField(event.target) || document.querySelector("dialog[open]")) return;
    const what = { ArrowRight: "select", ArrowLeft: "dismiss" }[event.key];
    const card = what && currentCard();
    if (card && act(card, what)) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-prospect-act]");
    if (button) act(button.closest("[data-prospect]"), button.dataset.prospectAct);
  });

  // Swipe, on touch only.
  let touched = null;
  document.addEventListener("touchstart", (event) => {
    const card = event.target.closest?.("[data-prospect]");
    touched = card && event.touches.length === 1 ? { card, x: event.touches[0].clientX, y: event.touches[0].clientY } : null;
  }, { passive: true });
  document.addEventListener("touchmove", (event) => {
    if (!touched) return;
    const x = event.touches[0].clientX - touched.x;
    if (Math.abs(event.touches[0].clientY - touched.y) > 40) { touched.card.style.transform = ""; touched = null; return; }
    if (Math.abs(x) > 12) touched.card.style.transform = `translateX(${x / 2}px)`;
  }, { passive: true });
  document.addEventListener("touchend", (event) => {
    if (!touched) return;
    const { card, x } = touched;
    touched = null;
    card.style.transform = "";
    const way = event.changedTouches[0].clientX - x;
    if (Math.abs(way) >= SWIPE_PX) act(card, way > 0 ? "select" : "dismiss");
  });
  document.addEventListener("touchcancel", () => { if (touched) touched.card.style.transform = ""; touched = null; });
})();
