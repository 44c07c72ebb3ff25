// Before the first paint: the pinned theme and whether the thread is open. Blocking on purpose, and tiny.
"use strict";
(() => {
  const root = document.documentElement;
  const read = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const theme = read("gtmos.theme");
  if (theme === "light" || theme === "dark") root.dataset.theme = theme;
  if (read("gtmos.thread") === "open" && window.innerWidth > 1100) root.dataset.thread = "open";
})();
