// What screen readers are told at the desk: boxes that a library draws are called as their labels, parts that scroll by number.
"use strict";
(() => {
  function callBoxes() {
    for (const box of document.querySelectorAll(".select2-selection[role=combobox]")) {
      const select = box.closest(".select2-container").previousElementSibling;
      const label = select && document.querySelector(`label[for="${select.id}"]`);
      if (!label) continue;
      label.id ||= `${select.id}-label`;
      const chosen = box.querySelector(".select2-selection__rendered");
      chosen?.setAttribute("aria-labelledby", label.id);
      box.setAttribute("aria-labelledby", [label.id, chosen?.id].filter(Boolean).join(" "));
    }
  }
  function callParts() {
    document.querySelectorAll(".simplebar-content-wrapper").forEach((part, place) => {
      part.setAttribute("aria-label", `Part ${place + 1} that scrolls`);
    });
  }
  window.addEventListener("load", () => {
    callBoxes();
    callParts();
    new MutationObserver(callBoxes).observe(document.body, { childList: true, subtree: true });
  });
})();
