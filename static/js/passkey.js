// A button [data-passkey="get|create"] in a form: asks the browser for a passkey, puts it into the form, sends it.
// The challenge stands in the page (data-options, the id of a script of JSON) or is fetched (data-options-url).
"use strict";
(() => {
  const supported = () => window.PublicKeyCredential && globalThis.webauthnJSON;

  const optionsOf = async (button) => {
    if (button.dataset.options) return JSON.parse(document.getElementById(button.dataset.options).textContent);
    const answer = await fetch(button.dataset.optionsUrl, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error("no challenge");
    return answer.json();
  };

  const tell = (form, text) => {
    const place = form.querySelector("[data-passkey-said]");
    place.textContent = text;
    place.hidden = !text;
  };

  document.addEventListener("click", async (event) => {
    const button = event.target.closest?.("[data-passkey]");
    if (!button) return;
    const form = button.form;
    if (!supported()) return tell(form, "This browser knows no passkeys, or the address is not a secure one.");
    tell(form, "");
    button.disabled = true;
    try {
      const options = await optionsOf(button);
      const credential = await globalThis.webauthnJSON[button.dataset.passkey](options);
      form.elements.credential.value = JSON.stringify(credential);
      form.submit();
    } catch {
      tell(form, "No passkey was given. Nothing was changed.");
      button.disabled = false;
    }
  });
})();
