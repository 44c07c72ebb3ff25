// One socket says which topics changed; elements with data-live and hx-trigger="live" read themselves again.
// While the socket is down every such element is read every five seconds. A socket that opens is not up yet: without
// the broker it opens and ends again. It is when the server has said "ready"; only then the next wait is short again.
"use strict";
(() => {
  const POLL_MS = 5000;
  const MOST_WAIT_MS = 30000;
  const FIRST_WAIT_MS = 500;
  const GATHER_MS = 150;
  const PACE_MS = 600;
  const RETRY_MS = 400;
  let socket = null;
  let wait = FIRST_WAIT_MS;
  let poll = 0;
  const followed = new Set();
  const seen = new Set();
  const due = new Set();
  let gather = 0;

  const elements = () => [...document.querySelectorAll("[data-live]")];
  const topicsOf = (element) => element.dataset.live.split(/\s+/).filter(Boolean);

  function follow() {
    if (socket?.readyState !== WebSocket.OPEN) return;
    const fresh = [...new Set(elements().flatMap(topicsOf))].filter((topic) => !followed.has(topic));
    if (!fresh.length) return;
    fresh.forEach((topic) => followed.add(topic));
    socket.send(JSON.stringify({ follow: fresh }));
  }

  function tell(topic, kind, which = () => true) {
    for (const element of elements()) if ((topic === null || topicsOf(element).includes(topic)) && which(element)) due.add(element);
    plan(GATHER_MS, { topic, kind });
  }
  function plan(ms, detail) {
    if (!gather && due.size) gather = setTimeout(() => flush(detail), ms);
  }
  const readAt = new Map(); // by id: the element itself is another one after each reading
  const isOfMany = (element) => topicsOf(element).some((topic) => topic.endsWith(":all") && topic !== "workspace:all");
  const hasToWait = (element) => isWorkedIn(element) || (isOfMany(element) && Date.now() - (readAt.get(element.id) || 0) < PACE_MS);
  function flush(detail) {
    gather = 0;
    for (const element of [...due]) {
      if (element.isConnected && !isWrittenIn(element) && hasToWait(element)) continue;
      due.delete(element);
      if (!element.isConnected || isWrittenIn(element)) continue;
      readAt.set(element.id, Date.now());
      element.dispatchEvent(new CustomEvent("live", { detail }));
    }
    plan(RETRY_MS, detail);
  }
  const isWorkedIn = (element) => Boolean(element.querySelector("[data-cell-box], .is-dragged, .is-moving, .is-kept, .has-menu"));

  // Nobody's typing is thrown away: a fragment with the focus or new words in a field waits for its next message.
  const isChanged = (field) => (field.options ? [...field.options].some((each) => each.defaultSelected && !each.selected) : field.value !== field.defaultValue);
  function isWrittenIn(element) {
    if (element.contains(document.activeElement) && window.gtmos.inField(document.activeElement)) return true;
    return [...element.querySelectorAll("textarea, select, input:not([type=hidden], [type=checkbox], [type=radio], [type=search])")].some(isChanged);
  }

  // What was asked for before somebody began to type is not drawn over what they type.
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { elt, triggeringEvent } = event.detail.requestConfig || {};
    if (triggeringEvent?.type !== "live" || !elt.matches("[data-live]")) return;
    if (isWorkedIn(elt)) { due.add(elt); plan(RETRY_MS, triggeringEvent.detail); }
    else if (!isWrittenIn(elt)) return;
    event.detail.shouldSwap = false;
  });

  function startPolling() {
    if (!poll) poll = setInterval(() => { if (!document.hidden) tell(null, "poll"); }, POLL_MS);
  }
  function stopPolling() {
    clearInterval(poll);
    poll = 0;
  }

  function ready() {
    wait = FIRST_WAIT_MS;
    stopPolling();
    follow();
    document.documentElement.dataset.connection = "live";
  }

  // What changed before we followed was not told: after a break everything is read again, at first only what is busy.
  function following(topic) {
    const again = seen.has(topic);
    seen.add(topic);
    tell(topic, "following", (element) => again || "busy" in element.dataset);
  }

  let next = 0;
  function connect() {
    clearTimeout(next);
    const url = new URL(document.body.dataset.liveUrl, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    socket = new WebSocket(url);
    socket.addEventListener("message", (event) => {
      let message;
      try { message = JSON.parse(event.data); } catch { return; }
      document.dispatchEvent(new CustomEvent("gtmos:live", { detail: message }));
      if (message.kind === "ready") ready();
      else if (message.kind === "following") following(message.topic);
      else if (message.topic && message.kind !== "presence") tell(message.topic, message.kind || "changed");
    });
    socket.addEventListener("close", (event) => {
      document.documentElement.dataset.connection = "polling";
      followed.clear();
      startPolling();
      if (event.code === 4401) return; // signed out: the next poll shows the way to the login page
      next = setTimeout(connect, wait + Math.random() * 250);
      wait = Math.min(MOST_WAIT_MS, wait * 2);
    });
  }

  // What other scripts say to the server: only while the socket is up, and never kept for later.
  window.gtmos.live = {
    again() { tell(null, "back"); },
    send(message) {
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
  };

  document.addEventListener("DOMContentLoaded", () => {
    if (!document.body.dataset.liveUrl || !elements().length) return;
    connect();
    document.addEventListener("htmx:afterSettle", follow);
    window.addEventListener("online", () => { // at once, however long the wait had become
      wait = FIRST_WAIT_MS;
      if (socket?.readyState === WebSocket.CLOSED) connect();
    });
    document.addEventListener("visibilitychange", () => { if (!document.hidden && socket?.readyState !== WebSocket.OPEN) tell(null, "back"); });
  });
})();
