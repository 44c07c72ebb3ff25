// The connection is lost: what is done to elements with data-kept="words" is kept in this tab and sent when it is back,
// each once and in the order in which it was done. Only what can be said twice without harm carries data-kept: it says
// what it was done to ("was"), so what a colleague did meanwhile is shown and never written over. What makes something
// new carries data-once too: each sending has a key, and the server does one key once, also where only its answer was lost.
// What the server cannot take now (signed out, busy, broken) is kept as well, and is tried again.
"use strict";
(() => {
  const PLACE = "gtmos.kept";
  const REST_MS = 5000;
  let lost = false;
  let isSending = false;
  let held = null; // {text, url}: why the server did not take what is kept
  let restUntil = 0;
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
    const about = !lost && !kept.length ? "" : `${headline()} ${said()}`;
    if (place.dataset.said === about) return; // read aloud once, however often it is tried again
    place.dataset.said = about;
    place.replaceChildren();
    if (!about) return;
    const banner = document.createElement("div");
    const text = document.createElement("p");
    const strong = document.createElement("b");
    const rest = document.createElement("span");
    banner.className = "banner";
    banner.setAttribute("role", "status");
    text.className = "grow";
    strong.textContent = headline();
    rest.className = "soft";
    rest.textContent = said();
    text.append(strong, " ", rest);
    banner.append(text);
    if (!lost && held?.url) banner.append(wayIn());
    if ((lost || held) && kept.length) banner.append(thrower());
    place.append(banner);
  }
  const headline = () => (lost ? "The connection is lost." : held ? "Not sent yet." : "Back again.");
  function said() {
    const last = kept[kept.length - 1]?.words;
    if (!lost && held) return `${held.text}: ${kept.length === 1 ? last : `${kept.length} things, the last ${last}`}.`;
    if (!lost) return `Sending what you did: ${kept.length}.`;
    if (!kept.length) return "What you do is kept here and sent when it is back. What you see may be old.";
    return kept.length === 1 ? `Kept, to be sent when it is back: ${last}.` : `${kept.length} things are kept, to be sent when it is back; the last: ${last}.`;
  }
  function wayIn() {
    const link = document.createElement("a");
    link.className = "btn";
    link.href = held.url;
    link.textContent = "Sign in";
    return link;
  }
  function thrower() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn";
    button.textContent = "Do not send them";
    button.addEventListener("click", () => { kept = []; held = null; save(); show(); again(); });
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
    if (event.detail.verb !== "get" && event.detail.elt.closest?.("[data-kept][data-once]")) event.detail.headers["Idempotency-Key"] = key();
  });
  // A sentence of the command bar cannot be understood without the server: it is kept as it was typed. One that was
  // understood already is kept with the key of what was shown, which may have been done where only the answer was lost.
  window.gtmos.offline = {
    isLost: () => lost || !navigator.onLine,
    keepSentence(path, values) {
      remember({ verb: "post", path, values: Object.entries({ ...values, key: values.key || key() }), words: `“${values.text.trim()}”`, isSentence: true });
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
    if (isSending || Date.now() < restUntil) return;
    isSending = true;
    const many = kept.length;
    while (kept.length && !lost) if (!(await sendOne(kept[0]))) break;
    isSending = false;
    show();
    if (kept.length) return;
    again();
    if (many) window.gtmos.announce(many === 1 ? "What you did is sent" : `${many} things you did are sent`);
  }

  // The page may be older than the last time of signing in, which made another token.
  function token() {
    const cookie = document.cookie.split("; ").find((each) => each.startsWith("csrftoken="));
    return cookie ? { "X-CSRFToken": cookie.slice("csrftoken=".length) } : {};
  }
  async function sendOne(entry) {
    const headers = { ...JSON.parse(document.body.getAttribute("hx-headers") || "{}"), ...token(), "HX-Request": "true", "HX-Current-URL": entry.from };
    if (entry.once) headers["Idempotency-Key"] = entry.once;
    let answer;
    try {
      answer = await fetch(entry.path, { method: entry.verb.toUpperCase(), headers, body: new URLSearchParams(entry.values), redirect: "manual" });
    } catch {
      lost = true;
      return false;
    }
    held = whyNotNow(answer);
    if (held) { restUntil = Date.now() + REST_MS; return false; }
    kept.shift();
    save();
    await tell(answer, entry);
    return true;
  }
  // Nothing was decided about it, so it stays kept. A refusal has a sentence of its own: that is an answer.
  function whyNotNow(answer) {
    const { status, type, headers } = answer;
    if (type === "opaqueredirect" || headers.has("HX-Redirect")) return { text: "You are signed out. When you have signed in again, it is sent from this tab", url: headers.get("HX-Redirect") || "/login/" };
    if (status >= 500 || status === 429) return { text: `The server answered ${status}. It is tried again in a moment` };
    if (status === 403 && !toldBy(answer).toast) return { text: "This page was open too long. When it is loaded again, it is sent" };
    return null;
  }
  function toldBy(answer) {
    try { return JSON.parse(answer.headers.get("HX-Trigger") || "{}"); } catch { return {}; } // plain names of events
  }
  // A toast, or a dialog that asks: the next one is sent when it is closed.
  async function tell(answer, entry) {
    const told = toldBy(answer);
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
  window.addEventListener("online", () => { restUntil = 0; back(); });
  document.addEventListener("gtmos:live", (event) => { if (event.detail.kind === "ready") back(); });
  document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) back(); });
  document.addEventListener("DOMContentLoaded", () => {
    load();
    lost = !navigator.onLine;
    show();
    if (!lost && kept.length) back();
  });
})();
