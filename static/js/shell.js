// The frame: theme pins, the thread panel, dialogs, menus, numbers that flash when they change.
"use strict";
window.gtmos = (() => {
  const root = document.documentElement;
  const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
  const save = (key, value) => {
    try { value === null ? localStorage.removeItem(key) : localStorage.setItem(key, value); } catch { /* private mode */ }
  };
  const inField = (target) => target instanceof Element && Boolean(target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]"));
  const isShown = (element) => element.getClientRects().length > 0;

  function pinTheme(name) {
    if (name === "system") delete root.dataset.theme; else root.dataset.theme = name;
    save("gtmos.theme", name === "system" ? null : name);
    markTheme();
  }
  function markTheme() {
    const now = root.dataset.theme || "system";
    for (const button of document.querySelectorAll("[data-theme-pin]")) button.setAttribute("aria-pressed", String(button.dataset.themePin === now));
  }

  function setThread(open) {
    if (open) root.dataset.thread = "open"; else delete root.dataset.thread;
    save("gtmos.thread", open ? "open" : null);
    for (const button of document.querySelectorAll("[data-thread-toggle]")) button.setAttribute("aria-expanded", String(open));
    if (open) loadThread();
  }
  function loadThread() {
    const panel = document.getElementById("thread");
    if (panel && panel.hasAttribute("hx-get") && !panel.dataset.loaded) {
      panel.dataset.loaded = "1";
      window.htmx.trigger(panel, "thread-open");
    }
  }

  // The newest turn is at the end; whoever reads further up is left there.
  let readsAbove = false;
  document.addEventListener("htmx:beforeSwap", (event) => {
    const log = event.target.id === "thread" && event.target.querySelector(".thread-log");
    readsAbove = Boolean(log) && log.scrollHeight - log.scrollTop - log.clientHeight > 80;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    const log = event.target.id === "thread" && event.target.querySelector(".thread-log");
    if (log && !readsAbove) log.scrollTop = log.scrollHeight;
  });

  let announceAt = 0;
  let announceTimer = 0;
  function announce(text) { // politely, and at most every five seconds
    clearTimeout(announceTimer);
    announceTimer = setTimeout(() => {
      announceAt = Date.now();
      const place = document.getElementById("announcer");
      if (place) place.textContent = text;
    }, Math.max(0, announceAt + 5000 - Date.now()));
  }

  function openDialog(dialog) {
    if (dialog.open) return;
    const from = document.activeElement;
    dialog.addEventListener("close", () => { if (from instanceof HTMLElement && from.isConnected) from.focus(); }, { once: true });
    dialog.showModal();
  }

  function openOnce(dialog) { // an answer that swaps nothing opens no dialog that was closed
    if (dialog.dataset.opened) return;
    dialog.dataset.opened = "1";
    openDialog(dialog);
  }

  document.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target : null;
    if (!target) return;
    const pin = target.closest("[data-theme-pin]");
    if (pin) pinTheme(pin.dataset.themePin);
    if (target.closest("[data-thread-toggle]")) setThread(root.dataset.thread !== "open");
    const opener = target.closest("[data-dialog-open]");
    if (opener) {
      opener.closest("details")?.removeAttribute("open");
      const dialog = document.getElementById(opener.dataset.dialogOpen);
      if (dialog) openDialog(dialog);
    }
    if (target.closest("[data-dialog-close]")) target.closest("dialog")?.close();
    if (target instanceof HTMLDialogElement && target.open) closeOutside(target, event);
    for (const menu of document.querySelectorAll("details[data-menu][open]")) if (!menu.contains(target)) menu.removeAttribute("open");
    const copy = target.closest("[data-copy]");
    if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => announce("Copied"));
  });
  function closeOutside(dialog, event) {
    const box = dialog.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) dialog.close();
  }
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    const menu = document.querySelector("details[data-menu][open]");
    if (menu) { menu.removeAttribute("open"); menu.querySelector("summary").focus(); }
  });

  // An answer may come after the button that asked for it was drawn anew: it goes to the place that has the name now, and where
  // there is none its parts go to theirs. What was only read anew is not drawn over what somebody has asked for since.
  document.addEventListener("htmx:beforeRequest", ({ detail: asked }) => {
    const { target, xhr } = asked;
    target?.addEventListener("htmx:beforeSwap", function late(event) {
      if (event.detail.xhr !== xhr) return; // of several that are on their way each has its own
      target.removeEventListener("htmx:beforeSwap", late);
      if (event.detail.target.isConnected || !event.detail.shouldSwap) return;
      const heir = target.id && event.detail.requestConfig.triggeringEvent?.type !== "live" && document.getElementById(target.id);
      if (heir) { event.detail.target = heir; return; }
      event.detail.shouldSwap = false;
      const place = document.getElementById("announcer"); // one that stays and holds nothing
      window.htmx.swap(place, event.detail.serverResponse, { swapStyle: "none" }, { eventInfo: { target: place, elt: place } });
    });
  });

  // The place of dialogs stays, also where a part around the button that asks is swapped as a whole.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target, requestConfig } = event.detail;
    const how = requestConfig?.elt.closest("[hx-swap]")?.getAttribute("hx-swap") || "";
    if (target.id === "dialogs" && how.startsWith("outerHTML")) event.detail.swapOverride = "innerHTML";
  });

  // A form that asks in a dialog closes it when the answer is good.
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.elt.closest?.("[data-close-after]");
    if (form && event.detail.successful) form.closest("dialog")?.close();
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    for (const dialog of event.detail.target.querySelectorAll?.("dialog[data-autoopen]") || []) openOnce(dialog);
  });
  document.addEventListener("htmx:load", (event) => markKeys(event.detail.elt)); // what came, also where it replaced its target

  // Numbers that change live: remember before, compare after.
  const numbers = (element) => [...element.querySelectorAll("[data-flash]")];
  document.addEventListener("htmx:beforeSwap", (event) => {
    event.detail.target.gtmosNumbers = numbers(event.detail.target).map((number) => number.textContent);
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    const before = event.detail.target?.gtmosNumbers;
    const scope = event.detail.elt?.isConnected ? event.detail.elt : event.detail.target;
    if (!before || !scope) return;
    numbers(scope).forEach((number, index) => {
      if (before[index] !== undefined && before[index] !== number.textContent) {
        number.classList.remove("flash");
        requestAnimationFrame(() => number.classList.add("flash"));
      }
    });
  });

  // Groups of the left column stay as somebody left them.
  function rememberGroups() {
    for (const group of document.querySelectorAll("details[data-remembered]")) {
      const key = `gtmos.group.${group.dataset.remembered}`;
      try { const was = localStorage.getItem(key); if (was) group.open = was === "open"; } catch { /* private mode */ }
      group.addEventListener("toggle", () => save(key, group.open ? "open" : "closed"));
    }
  }
  function markKeys(scope) {
    for (const key of scope.querySelectorAll?.("kbd[data-mod]") || []) key.textContent = (isMac ? "⌘" : "Ctrl ") + key.dataset.mod;
    for (const key of scope.querySelectorAll?.("kbd[data-alt]") || []) key.textContent = (isMac ? "⌥" : "Alt ") + key.dataset.alt;
  }
  document.addEventListener("DOMContentLoaded", () => {
    markKeys(document);
    markTheme();
    rememberGroups();
    for (const dialog of document.querySelectorAll("dialog[data-autoopen]")) openDialog(dialog);
    if (root.dataset.thread === "open") setTimeout(loadThread);
  });
  return { announce, inField, isMac, isShown, openDialog, save, setThread };
})();
