// Sends a document piece by piece and goes on where a lost connection, or a closed
// browser, left off. Nothing is kept on the device. Without this file the form sends
// the whole document at once.
// @ts-check

/** @typedef {{ upload?: string, have?: number[], next?: string, code?: string, says?: string }} Answer */

const tries = 4;

class Refused extends Error {
  /** @param {string} code @param {string} says */
  constructor(code, says) { super(says); this.code = code; }
}

/** @param {string} address @param {string} method @param {BodyInit=} body @returns {Promise<Answer>} */
async function ask(address, method, body) {
  for (let n = 1; ; n++) {
    try {
      const answer = await fetch(address, { method, body, redirect: "error" });
      if (answer.status >= 500 && n < tries) throw new TypeError("try again");
      if (!answer.headers.get("Content-Type")?.startsWith("application/json")) throw new Refused("", "");
      /** @type {Answer} */
      const said = await answer.json();
      if (!answer.ok) throw new Refused(said.code ?? "", said.says ?? "");
      return said;
    } catch (err) {
      if (err instanceof Refused || n >= tries) throw err;
      await new Promise((go) => setTimeout(go, 500 * 2 ** n));
    }
  }
}

/** @param {Blob} file @returns {Promise<string>} SHA-256 in hexadecimal, "" where the browser cannot tell */
async function sumOf(file) {
  if (!globalThis.crypto?.subtle) return "";
  const sum = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return [...new Uint8Array(sum)].map((b) => b.toString(16).padStart(2, "0")).join("");
}

const form = document.querySelector("form[data-pieces]");
if (form instanceof HTMLFormElement) {
  const base = form.dataset.pieces ?? "";
  const size = Number(form.dataset.piece);
  const bar = form.querySelector("progress");
  const said = form.querySelector("[data-said]");
  let busy = false;
  /** @type {Map<File, string>} uploads that were begun on this page */
  const begun = new Map();

  /** @param {string} text @param {number} done */
  const say = (text, done) => {
    if (said) { said.textContent = text; said.removeAttribute("hidden"); }
    if (bar) { bar.hidden = false; bar.value = done; }
  };

  /** @param {File} file @param {string} upload */
  const send = async (file, upload) => {
    const at = base + "/" + upload;
    const have = new Set((await ask(at, "GET")).have ?? []);
    const pieces = Math.ceil(file.size / size);
    for (let n = 0; n < pieces; n++) {
      // The first is sent in any case: if it differs, this is another file.
      if (n === 0 || !have.has(n)) await ask(at + "/" + n, "PUT", file.slice(n * size, (n + 1) * size));
      say((form.dataset.going ?? "") + " " + Math.round((100 * (n + 1)) / pieces) + "%", (n + 1) / pieces);
    }
    const end = new URLSearchParams({ command: String(new FormData(form).get("command")), sum: await sumOf(file) });
    const done = await ask(at + "/finish", "POST", end);
    location.assign(done.next ?? base);
  };

  /** @param {File} file */
  const begin = async (file) => {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
    fields.set("name", file.name);
    fields.set("size", String(file.size));
    const upload = (await ask(base, "POST", fields)).upload ?? "";
    begun.set(file, upload);
    await send(file, upload);
  };

  /** @param {File} file */
  const run = async (file) => {
    const known = begun.get(file);
    if (known) return send(file, known);
    for (const old of document.querySelectorAll(`[data-upload][data-size="${file.size}"]`)) {
      try {
        return await send(file, old instanceof HTMLElement ? old.dataset.upload ?? "" : "");
      } catch (err) {
        if (!(err instanceof Refused) || err.code !== "document-piece-differs") throw err;
      }
    }
    return begin(file);
  };

  form.addEventListener("submit", (e) => {
    const file = [...form.querySelectorAll("input[type=file]")].flatMap((i) => (i instanceof HTMLInputElement ? [...(i.files ?? [])] : []))[0];
    const fields = new FormData(form);
    // The server says what is missing, and the page what to do without a network.
    if (!file || !fields.get("document_what") || !navigator.onLine) return;
    e.preventDefault();
    if (busy) return;
    busy = true;
    say(form.dataset.going ?? "", 0);
    run(file).catch((err) => {
      if (err instanceof Refused && err.code !== "document-incomplete") begun.delete(file);
      say((err instanceof Refused && err.message) || (form.dataset.broken ?? ""), 0);
    }).finally(() => { busy = false; delete form.dataset.sent; });
  });
}
