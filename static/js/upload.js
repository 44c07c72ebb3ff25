// A file dropped on [data-upload] goes into its field; the form shows how far the upload is.
"use strict";
(() => {
  const place = (event) => event.target.closest?.("[data-upload]");
  const carriesFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");

  for (const name of ["dragenter", "dragover"]) {
    document.addEventListener(name, (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault(); // a file that misses the place must not replace the page
      place(event)?.classList.add("is-over");
    });
  }
  document.addEventListener("dragleave", (event) => {
    const form = place(event);
    if (form && !form.contains(event.relatedTarget)) form.classList.remove("is-over");
  });
  document.addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    const form = place(event);
    if (!form) return;
    form.classList.remove("is-over");
    const field = form.querySelector("input[type=file]");
    field.files = event.dataTransfer.files;
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });

  const progressOf = (event) => event.target.closest?.("[data-upload]")?.querySelector("progress");
  document.addEventListener("htmx:xhr:progress", (event) => {
    const bar = progressOf(event);
    if (!bar || !event.detail.lengthComputable) return;
    bar.hidden = false;
    bar.value = Math.round((event.detail.loaded / event.detail.total) * 100);
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    const bar = progressOf(event);
    if (bar) { bar.hidden = true; bar.value = 0; }
  });
})();
