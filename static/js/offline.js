// The connection is lost: what is done to elements with data-kept="words" is kept in this tab and sent when it is back,
// each once and in the order in which it was done. Only what can be said twice without harm carries data-kept: it says
// what it was done to ("was"), so what a colleague did meanwhile is shown and never written over. What makes something
// new carries data-once too: each sending has a key, and the server does one key once, also where only its answer was lost.
"use strict";
(() => {
  const PLACE = "gtmos.kept";
  let lost = false;
  let isSending = false;
  const me = () => document.getElementById("bell-count")?.dataset.live || "";
  const region = () => document.getElementById("offline");

  let kept = [];
  function load() {
    try { kept = JSON.parse(sessionStorage.getItem(PLACE) || "[]"); } catch { kept = []; }
    kept = kept.filter((entry) => entry.by === me());
  }
  function save() {
    try { kept.length ? sessionStorage.setItem(PLACE, JSON.stringify(kept)) : sessionStorage.removeItem(PLACE); } catch { /* private mode: kept while the page is open */ }
  }

  function show() {
    const place = region();
    if (!place) return;
    place.replaceChildren();
    if (!lost && !kept.length) return;
    const banner = document.createElement("div");
    const text = document.createElement("p");
    const strong = document.createElement("b");
    const rest = document.createElement("span");
    banner.className = "banner";
    banner.setAttribute("role", "status");
    text.className = "grow";
    strong.textContent = lost ? "The connection is lost." : "Back again.";
    rest.className = "soft";
    rest.textContent = said();
    text.append(strong, " ", rest);
    banner.append(text);
    if (lost && kept.length) banner.append(thrower());
    place.append(banner);
  }
  function said() {
    if (!lost) return `Sending what you did: ${kept.length}.`;
    if (!kept.length) return "What you do is kept here and sent when it is back. What you see may be old.";
    const last = kept[kept.length - 1].words;
    return kept.length === 1 ? `Kept, to be sent when it is back: ${last}.` : `${kept.length} things are kept, to be sent when it is back; the last: ${last}.`;
  }
  function thrower() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.textContent = "Do not send them";
    button.addEventListener("click", () => { kept = []; save(); show(); again(); });
    return button;
  }

  // What was drawn as if it were done is drawn as it is.
  function again() {
    for (const element of document.querySelectorAll(".is-kept")) element.classList.remove("is-kept");
    window.gtmos.live.again();
  }

  const LONGEST = 60;
  function wordsOf(element) {
    const typed = element.querySelector("[data-kept-text]")?.value.trim().replace(/\s+/g, " ") || "";
    const words = element.dataset.keptWords || element.dataset.kept;
    return typed ? `${words} “${typed.length > LONGEST ? `${typed.slice(0, LONGEST)}…` : typed}”` : words;
  }
  function remember(entry) {
    kept.push({ ...entry, from: location.href, by: me() });
    save();
    lost = true;
    show();
    window.gtmos.announce(`Kept: ${entry.words}`);
  }
  // Without the token of the form: after signing in again there is another, which the headers of the page have.
  const isSent = ([name, value]) => typeof value === "string" && name !== "csrfmiddlewaretoken";
  function keep(element, { verb, path, formData, headers }) {
    remember({ verb, path, values: [...formData.entries()].filter(isSent), words: wordsOf(element), once: headers["Idempotency-Key"] || "" });
    element.dispatchEvent(new CustomEvent("gtmos:kept", { bubbles: true }));
    if (element instanceof HTMLFormElement && !element.matches("[data-cell-box]")) settled(element);
  }
  // What was typed is safe: a form that makes something is empty for the next, another shows what it will be.
  function settled(form) {
    if ("once" in form.dataset) { form.reset(); form.closest("dialog")?.close(); return; }
    form.classList.add("is-kept");
    for (const field of form.elements) {
      if (field.options) for (const each of field.options) each.defaultSelected = each.selected;
      else if ("defaultValue" in field && field.type !== "hidden") field.defaultValue = field.value;
      const named = field.name.startsWith("was.") && form.elements[field.name.slice(4)]; // the next one changes what this one makes
      if (named) field.value = named.value;
    }
  }
  function key() {
    return [...crypto.getRandomValues(new Uint8Array(16))].map((each) => each.toString(16).padStart(2, "0")).join("");
  }
  document.addEventListener("htmx:configRequest", (event) => {
    if (event.detail.verb !== "get" && event.detail.elt.closest?.("[data-once]")) event.detail.headers["Idempotency-Key"] = key();
  });
  // A sentence of the command bar cannot be understood without the server: it is kept as it was typed.
  window.gtmos.offline = {
    isLost: () => lost || !navigator.onLine,
    keepSentence(path, text, context) {
      remember({ verb: "post", path, values: [["text", text], ["context", context], ["overrides", "{}"], ["key", key()]], words: `“${text.trim()}”`, isSentence: true });
    },
  };

  document.addEventListener("htmx:beforeRequest", (event) => {
    const element = event.detail.elt.closest?.("[data-kept]");
    if (!element || event.detail.requestConfig.verb === "get") return;
    if (!lost && navigator.onLine) return;
    event.preventDefault();
    keep(element, event.detail.requestConfig);
  });
  document.addEventListener("htmx:sendError", (event) => {
    const element = event.detail.elt.closest?.("[data-kept]");
    if (element && event.detail.requestConfig.verb !== "get") keep(element, event.detail.requestConfig);
    else { lost = true; show(); }
  });

  function back() {
    if (!lost && !kept.length) return;
    lost = false;
    show();
    sendAll();
  }
  async function sendAll() {
    if (isSending) return;
    isSending = true;
    const many = kept.length;
    while (kept.length && !lost) if (!(await sendOne(kept[0]))) break;
    isSending = false;
    show();
    if (kept.length) return;
    again();
    if (many) window.gtmos.announce(many === 1 ? "What you did is sent" : `${many} things you did are sent`);
  }

  async function sendOne(entry) {
    const headers = { ...JSON.parse(document.body.getAttribute("hx-headers") || "{}"), "HX-Request": "true", "HX-Current-URL": entry.from };
    if (entry.once) headers["Idempotency-Key"] = entry.once;
    let answer;
    try {
      answer = await fetch(entry.path, { method: entry.verb.toUpperCase(), headers, body: new URLSearchParams(entry.values), redirect: "manual" });
    } catch {
      lost = true;
      return false;
    }
    if (answer.type === "opaqueredirect") {
      window.gtmos.toast({ level: "bad", text: "You are signed out. What you did is kept in this tab until you sign in again." });
      return false;
    }
    kept.shift();
    save();
    await tell(answer, entry);
    return true;
  }
  // A toast, or a dialog that asks: the next one is sent when it is closed.
  async function tell(answer, entry) {
    let told = {};
    try { told = JSON.parse(answer.headers.get("HX-Trigger") || "{}"); } catch { /* plain names of events */ }
    if (told.toast) window.gtmos.toast(told.toast);
    else if (!answer.ok) window.gtmos.toast({ level: "bad", text: `Not done: ${entry.words}. The server answered ${answer.status}.` });
    if (entry.isSentence) answered(entry, told.toast);
    if (answer.headers.get("HX-Retarget") !== "#dialogs") return;
    window.htmx.swap(document.getElementById("dialogs"), await answer.text(), { swapStyle: "innerHTML" }, { eventInfo: { target: document.getElementById("dialogs") } });
    for (const each of document.querySelectorAll("#dialogs dialog[data-autoopen]")) window.gtmos.openDialog(each);
    const dialog = document.querySelector("#dialogs dialog[open]");
    if (dialog) await new Promise((resolve) => { dialog.addEventListener("close", resolve, { once: true }); });
  }

  // Its answer, or the question it led to, stands in the thread.
  function answered(entry, toast) {
    const thread = document.getElementById("thread");
    if (thread) delete thread.dataset.loaded;
    if (!toast) window.gtmos.toast({ level: "warn", text: `${entry.words} is sent. Its answer stands in the thread.` });
  }

  window.addEventListener("offline", () => { lost = true; show(); });
  window.addEventListener("online", back);
  document.addEventListener("gtmos:live", (event) => { if (event.detail.kind === "ready") back(); });
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) back(); });
  document.addEventListener("DOMContentLoaded", () => {
    load();
    lost = !navigator.onLine;
    show();
    if (!lost && kept.length) back();
  });
})();
