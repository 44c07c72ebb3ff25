// One sentence in the corner with a way back: from the HX-Trigger event "toast", Django's messages, or a failed request.
"use strict";
(() => {
  const SECONDS = 6;
  const region = () => document.getElementById("toasts");
  const sprite = () => document.querySelector("use")?.getAttribute("href").split("#")[0] || "";
  const ICONS = { good: "check", warn: "alert-triangle", bad: "x", busy: "hourglass" };

  function make(tag, className, text) {
    const element = document.createElement(tag);
    if (className) element.className = className;
    if (text) element.textContent = text;
    return element;
  }
  function drawn(name) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "i");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `${sprite()}#${name}`);
    svg.append(use);
    return svg;
  }

  function show({ level = "good", text = "", undo_url: undoUrl = "" }) {
    if (!text || !region()) return;
    const toast = make("div", "toast");
    toast.dataset.toast = "";
    toast.dataset.level = level;
    const mark = make("span", level === "busy" ? "soft" : ICONS[level] ? level : "good");
    mark.append(drawn(ICONS[level] || "check"));
    const end = make("span", "row end gap-4");
    if (undoUrl) {
      const undo = make("button", "btn btn-quiet", "Undo ");
      undo.type = "button";
      undo.dataset.toastUndo = undoUrl;
      undo.dataset.key = "z";
      undo.append(make("kbd", "", "Z"));
      end.append(undo);
    }
    const close = make("button", "icon-btn");
    close.type = "button";
    close.dataset.toastClose = "";
    close.setAttribute("aria-label", "Close");
    close.append(drawn("x"));
    end.append(close);
    toast.append(mark, make("span", "toast-text", text), end);
    for (const old of region().querySelectorAll("[data-toast]")) if (old.dataset.level !== "bad") old.remove();
    region().append(toast);
    raise();
    watch(toast);
  }
  // The top layer keeps a toast above an open dialog.
  function raise() {
    const place = region();
    if (!place.showPopover) return;
    if (place.matches(":popover-open")) place.hidePopover();
    if (place.childElementCount) place.showPopover();
  }
  function remove(toast) {
    toast.remove();
    raise();
  }
  function watch(toast) {
    if (["bad", "error", "busy"].includes(toast.dataset.level)) return;
    let left = SECONDS;
    const tick = setInterval(() => {
      if (!toast.isConnected) clearInterval(tick);
      else if (!toast.matches(":hover, :focus-within") && --left <= 0) { clearInterval(tick); remove(toast); }
    }, 1000);
  }

  document.addEventListener("click", (event) => {
    const close = event.target.closest?.("[data-toast-close]");
    if (close) remove(close.closest("[data-toast]"));
    const undo = event.target.closest?.("[data-toast-undo]");
    if (undo) {
      remove(undo.closest("[data-toast]"));
      show({ level: "busy", text: "Taking it back …" });
      window.htmx.ajax("POST", undo.dataset.toastUndo, { source: document.body, swap: "none", headers: { "X-Undo": "1" } });
    }
  });
  // What takes a while is said at once, until its answer says more.
  function answered({ xhr }) {
    for (const toast of region()?.querySelectorAll("[data-level=busy]") || []) remove(toast);
    if (!xhr.getResponseHeader("HX-Refresh")) document.dispatchEvent(new CustomEvent("taken-back"));
  }
  const saying = (event) => event.detail.elt.closest?.("[data-says]");
  document.addEventListener("htmx:beforeRequest", (event) => { if (saying(event)) show({ level: "busy", text: saying(event).dataset.says }); });
  document.addEventListener("htmx:afterRequest", (event) => { if (saying(event) || event.detail.requestConfig?.headers["X-Undo"]) answered(event.detail); });
  document.addEventListener("toast", (event) => show(event.detail || {}));
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr } = event.detail;
    if (/"toast"/.test(xhr.getResponseHeader("HX-Trigger") || "")) return;
    const words = { 403: "You may not do that.", 404: "That is not there any more.", 429: "Too many tries. Wait a minute." };
    show({ level: "bad", text: words[xhr.status] || `Nothing was changed. The server answered ${xhr.status}.` });
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (event.detail.elt?.closest?.("[data-kept]")) return; // kept, and said above the page
    if (event.detail.requestConfig?.verb !== "get") show({ level: "bad", text: "The server cannot be reached. Nothing was changed." });
  });
  document.addEventListener("DOMContentLoaded", () => {
    for (const toast of document.querySelectorAll("#toasts [data-toast]")) watch(toast);
    if (region()) raise();
  });
  window.gtmos.toast = show;
})();
