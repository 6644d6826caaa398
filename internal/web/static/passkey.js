// Passkeys: browsers offer them to JavaScript only. Each element with
// data-passkey="get|create|confirm|welcome" shows itself where they are known.
// @ts-check

/** @param {string} s */
const toBytes = (s) => Uint8Array.from(atob(s.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
/** @param {ArrayBuffer | null | undefined} b */
const toText = (b) => b ? btoa(String.fromCharCode(...new Uint8Array(b))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "") : undefined;

/** @param {string} url @param {unknown} [body] */
async function post(url, body) {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body ?? {}),
  });
  if (!answer.ok) {
    const why = await answer.json().catch(() => ({}));
    if (why.next) location.assign(why.next); // the door, or the page that asks who it is
    throw new Error("refused");
  }
  return answer.status === 204 ? {} : answer.json();
}

/** @param {any} list */
const withBytes = (list) => (list ?? []).map((/** @type {any} */ c) => ({ ...c, id: toBytes(c.id) }));

/** @param {any} o options of the server */
async function create(o) {
  const made = /** @type {any} */ (await navigator.credentials.create({ publicKey: {
    ...o, challenge: toBytes(o.challenge), user: { ...o.user, id: toBytes(o.user.id) },
    excludeCredentials: withBytes(o.excludeCredentials),
  } }));
  return { id: made.id, rawId: toText(made.rawId), type: made.type, authenticatorAttachment: made.authenticatorAttachment,
    clientExtensionResults: made.getClientExtensionResults(),
    response: { clientDataJSON: toText(made.response.clientDataJSON), attestationObject: toText(made.response.attestationObject),
      transports: made.response.getTransports?.() ?? [] } };
}

/** @param {any} o options of the server */
async function get(o) {
  const got = /** @type {any} */ (await navigator.credentials.get({ publicKey: {
    ...o, challenge: toBytes(o.challenge), allowCredentials: withBytes(o.allowCredentials),
  } }));
  return { id: got.id, rawId: toText(got.rawId), type: got.type, authenticatorAttachment: got.authenticatorAttachment,
    clientExtensionResults: got.getClientExtensionResults(),
    response: { clientDataJSON: toText(got.response.clientDataJSON), authenticatorData: toText(got.response.authenticatorData),
      signature: toText(got.response.signature), userHandle: toText(got.response.userHandle) } };
}

for (const box of document.querySelectorAll("[data-passkey]")) {
  const button = box.querySelector("button");
  if (!(box instanceof HTMLElement) || !button || !window.PublicKeyCredential) continue;
  box.hidden = false;
  button.addEventListener("click", async () => {
    const error = box.querySelector("[role=alert]");
    const kind = box.dataset.passkey;
    if (error instanceof HTMLElement) error.hidden = true;
    button.classList.add("busy");
    try {
      const o = await post("/passkey/" + kind + "/begin");
      const answer = kind === "create" || kind === "welcome" ? await create(o.publicKey) : await get(o.publicKey);
      const done = await post("/passkey/" + kind + "/finish", answer);
      location.assign(done.next || box.dataset.next || "/");
    } catch {
      button.classList.remove("busy");
      if (error instanceof HTMLElement) { error.textContent = box.dataset.failed ?? ""; error.hidden = false; }
    }
  });
}
