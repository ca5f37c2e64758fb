// Asks a security key, through the browser, and sends its answer with the form it belongs to.
"use strict";

for (const form of document.querySelectorAll("form[data-security-key]")) {
  const button = form.querySelector("button");
  const trouble = form.querySelector("p[hidden]");
  const say = (sentence) => { trouble.textContent = sentence; trouble.hidden = false; };
  button.disabled = false;
  button.addEventListener("click", async () => {
    trouble.hidden = true;
    const create = form.dataset.securityKey === "create";
    const parse = create ? "parseCreationOptionsFromJSON" : "parseRequestOptionsFromJSON";
    if (!window.PublicKeyCredential || !PublicKeyCredential[parse]) { say(form.dataset.unable); return; }
    try {
      const options = JSON.parse(form.querySelector("script[type='application/json']").textContent).publicKey;
      const publicKey = PublicKeyCredential[parse](options);
      const answer = await (create ? navigator.credentials.create({ publicKey }) : navigator.credentials.get({ publicKey }));
      form.elements.credential.value = JSON.stringify(answer);
      form.submit();
    } catch {
      say(form.dataset.wrong);
    }
  });
}
