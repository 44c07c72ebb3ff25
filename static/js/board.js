// Boards: a card is dragged, or sent by its menu, to another stage. It goes there at once and comes back when it may not.
// [data-board] > [data-stage="KEY"][data-stage-name] > [data-move-url]; posts "stage" and swaps the board.
"use strict";
(() => {
  let dragged = null;
  let pending = null; // {card, home, next}
  const stageOf = (event) => (dragged ? event.target.closest?.("[data-stage]") : null);
  const clear = () => document.querySelectorAll(".stage.is-over").forEach((stage) => stage.classList.remove("is-over"));

  function move(card, stage) {
    const home = card.closest("[data-stage]");
    if (!home || home === stage || pending) return;
    pending = { card, home, next: card.nextElementSibling };
    stage.querySelector("header")?.after(card);
    card.classList.add("is-moving");
    card.dataset.keptWords = `${card.querySelector("a")?.title || "a card"} to ${stage.dataset.stageName}`;
    const board = stage.closest("[data-board]");
    window.htmx.ajax("POST", card.dataset.moveUrl, { source: card, target: board, swap: "outerHTML", values: { stage: stage.dataset.stage, was: home.dataset.stage } }).then(settle, back);
  }
  function settle() {
    if (!pending) return;
    const { card } = pending;
    if (card.classList.contains("is-kept")) { card.classList.remove("is-moving"); pending = null; return; }
    if (card.isConnected && card.classList.contains("is-moving")) back(); // nothing was swapped: refused, or offline
    else { const id = card.id; pending = null; document.getElementById(id)?.focus({ preventScroll: true }); }
  }
  function back() {
    if (!pending) return;
    const { card, home, next } = pending;
    pending = null;
    card.classList.remove("is-moving");
    if (!home.isConnected) return;
    if (next?.parentElement === home) next.before(card); else home.append(card);
    card.classList.add("is-back");
    setTimeout(() => card.classList.remove("is-back"), 600);
    card.focus({ preventScroll: true });
    window.gtmos.announce(`Back in ${home.dataset.stageName}`);
  }
  document.addEventListener("move-refused", back);
  document.addEventListener("gtmos:kept", (event) => { if (event.target.matches("[data-move-url]")) event.target.classList.add("is-kept"); });
  document.addEventListener("board-changed", () => document.querySelector("[data-board]")?.dispatchEvent(new CustomEvent("live")));

  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-move-url]") || null;
    if (!dragged) return;
    event.dataTransfer.effectAllowed = "move";
    dragged.classList.add("is-dragged"); // the board is not read again under the hand
  });
  document.addEventListener("dragover", (event) => {
    const stage = stageOf(event);
    for (const other of document.querySelectorAll(".stage.is-over")) if (other !== stage) other.classList.remove("is-over");
    if (stage) { event.preventDefault(); stage.classList.add("is-over"); }
  });
  document.addEventListener("drop", (event) => {
    const stage = stageOf(event);
    if (!stage) return;
    event.preventDefault();
    clear();
    move(dragged, stage);
  });
  document.addEventListener("dragend", () => { dragged?.classList.remove("is-dragged"); dragged = null; clear(); });

  // A board that is read again stands where it stood.
  let stood = null;
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!event.detail.shouldSwap) return;
    const board = event.detail.target;
    if (!board.matches?.("[data-board]")) return;
    const row = board.querySelector(".board");
    stood = { id: board.id, left: row?.scrollLeft || 0, heights: [...board.querySelectorAll("[data-stage]")].map((stage) => [stage.dataset.stage, stage.scrollTop]) };
  });
  document.addEventListener("htmx:afterSwap", () => {
    const board = stood && document.getElementById(stood.id);
    const row = board?.querySelector(".board");
    if (!row) return;
    row.scrollLeft = stood.left;
    for (const [key, top] of stood.heights) { const stage = row.querySelector(`[data-stage="${CSS.escape(key)}"]`); if (stage && top) stage.scrollTop = top; }
    stood = null;
  });

  // The menu does the same with a key or a finger.
  function menu(card) {
    const board = card.closest("[data-board]");
    const dialog = document.createElement("dialog");
    const body = document.createElement("div");
    const title = document.createElement("h2");
    dialog.className = "is-sheet move-menu";
    body.className = "body";
    title.className = "verdict";
    title.textContent = `Move ${card.querySelector("a")?.title || ""} to`;
    body.append(title);
    for (const stage of board.querySelectorAll("[data-stage]")) {
      const button = document.createElement("button");
      const isHere = stage === card.closest("[data-stage]");
      button.type = "button";
      button.className = "btn btn-spread btn-large";
      button.textContent = isHere ? `${stage.dataset.stageName}, where it is` : stage.dataset.stageName;
      button.disabled = isHere;
      button.addEventListener("click", () => { // the board may have been read again since
        const now = document.getElementById(board.id)?.querySelector(`[data-stage="${CSS.escape(stage.dataset.stage)}"]`);
        dialog.close();
        if (now && document.getElementById(card.id)) move(document.getElementById(card.id), now);
      });
      body.append(button);
    }
    const close = document.createElement("button");
    close.type = "button";
    close.className = "btn btn-quiet";
    close.textContent = "Cancel";
    close.addEventListener("click", () => dialog.close());
    body.append(close);
    dialog.append(body);
    dialog.addEventListener("keydown", stepped);
    dialog.addEventListener("close", () => dialog.remove());
    document.getElementById("dialogs").append(dialog);
    window.gtmos.openDialog(dialog);
    const here = body.querySelector(":disabled"); // forward is what most moves are
    (nextOf(here, "nextElementSibling") || nextOf(here, "previousElementSibling"))?.focus();
  }
  const nextOf = (button, way) => { const next = button?.[way]; return next?.matches(".btn-large") ? next : null; };
  function stepped(event) { // ↑ and ↓ go over the stages; Tab does too
    const way = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    let next = nextOf(document.activeElement, way);
    if (next?.disabled) next = nextOf(next, way);
    next?.focus();
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-move-menu]");
    const card = button?.closest("[data-move-url]");
    if (card) menu(card);
  });
})();
