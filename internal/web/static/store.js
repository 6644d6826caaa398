// What a phone keeps of work without a network: drafts, sealed under a passphrase,
// and finished forms, sealed to the node, which nobody reads on this phone again.
// @ts-check

const week = 7 * 24 * 3600e3;
const bytes = new TextEncoder(), text = new TextDecoder();
const random = (/** @type {number} */ n) => crypto.getRandomValues(new Uint8Array(n));
const join = (/** @type {Uint8Array[]} */ ...parts) => new Uint8Array(parts.flatMap((p) => [...p]));

/** @param {string} s base64, of either alphabet */
export const fromBase64 = (s) => Uint8Array.from(atob(s.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));

const letters = "0123456789abcdefghjkmnpqrstvwxyz";

/** An identifier as the node writes them: 16 bytes, 26 letters. */
export function newID() {
  const b = random(16);
  let bits = "", id = "";
  for (const x of b) bits += x.toString(2).padStart(8, "0");
  for (let i = 0; i < 130; i += 5) id += letters[parseInt(bits.slice(i, i + 5).padEnd(5, "0"), 2)];
  return id;
}

/** @param {string} id */
function idBytes(id) {
  const bits = [...id].map((c) => letters.indexOf(c).toString(2).padStart(5, "0")).join("");
  return Uint8Array.from({ length: 16 }, (_, i) => parseInt(bits.slice(i * 8, i * 8 + 8), 2));
}

/** @type {Promise<IDBDatabase> | undefined} */
let opened;
const open = () => opened ??= new Promise((done, failed) => {
  const r = indexedDB.open("causeway", 1);
  r.onupgradeneeded = () => { for (const s of ["vault", "draft", "outbox"]) r.result.createObjectStore(s, { keyPath: "id" }); };
  r.onsuccess = () => done(r.result);
  r.onerror = () => failed(r.error);
});

/** @param {string} store @param {IDBTransactionMode} mode @param {(s: IDBObjectStore) => IDBRequest} act @returns {Promise<any>} */
const run = async (store, mode, act) => {
  const tx = (await open()).transaction(store, mode, { durability: "strict" });
  return new Promise((done, failed) => {
    const r = act(tx.objectStore(store));
    tx.oncomplete = () => done(r.result); // written, not only asked for
    tx.onabort = tx.onerror = () => failed(tx.error);
  });
};
/** @param {string} store */
export const all = (store) => run(store, "readonly", (s) => s.getAll());
/** @param {string} store @param {any} row */
export const put = (store, row) => run(store, "readwrite", (s) => s.put(row)).finally(tell);
/** @param {string} store @param {string} id */
export const drop = (store, id) => run(store, "readwrite", (s) => s.delete(id)).finally(tell);

/** Leaves for every page how much is not sent and how old the oldest draft is:
 * two numbers, nothing else. Drafts whose time is over go. */
export async function tell() {
  const drafts = await all("draft");
  for (const d of drafts) if (Date.now() - d.at > week) await run("draft", "readwrite", (s) => s.delete(d.id));
  const out = (await all("outbox")).length;
  const oldest = Math.min(...drafts.map((d) => d.at).filter((at) => Date.now() - at <= week));
  out ? localStorage.setItem("unsent", String(out)) : localStorage.removeItem("unsent");
  isFinite(oldest) ? localStorage.setItem("draft", String(oldest)) : localStorage.removeItem("draft");
  return out;
}

/** @param {string} pass @param {BufferSource} salt */
async function stretch(pass, salt) {
  const from = await crypto.subtle.importKey("raw", bytes.encode(pass.normalize("NFKC").trim().replace(/\s+/g, " ")), "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey({ name: "PBKDF2", hash: "SHA-256", salt, iterations: 600000 }, from,
    { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]); // cannot be taken out
}

/** @param {CryptoKey} key @param {string} id @param {any} value */
export async function lockUp(key, id, value) {
  const iv = random(12);
  const c = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: bytes.encode(id) }, key, bytes.encode(JSON.stringify(value)));
  return join(iv, new Uint8Array(c));
}
/** @param {CryptoKey} key @param {string} id @param {Uint8Array} data */
export const openUp = async (key, id, data) => JSON.parse(text.decode(await crypto.subtle.decrypt(
  { name: "AES-GCM", iv: data.slice(0, 12), additionalData: bytes.encode(id) }, key, data.slice(12))));

/** Makes the vault of one person. @param {string} id @param {string} pass @param {any} facts */
export async function makeVault(id, pass, facts) {
  const salt = random(16), key = await stretch(pass, salt);
  await put("vault", { id, salt, data: await lockUp(key, id, facts) });
  return { id, key, facts };
}

/** Opens the vault that a passphrase fits, of the person or of anybody here.
 * @param {string} pass @param {string} [who] */
export async function unlock(pass, who) {
  for (const v of await all("vault")) {
    if (who && v.id !== who) continue;
    const key = await stretch(pass, v.salt);
    try { return { id: v.id, key, facts: await openUp(key, v.id, v.data) }; } catch { /* another passphrase */ }
  }
}

/** Replaces what the node said last. @param {{id: string, key: CryptoKey, facts: any}} v @param {any} facts */
export async function renew(v, facts) {
  const old = (await all("vault")).find((/** @type {any} */ x) => x.id === v.id);
  v.facts = facts;
  await put("vault", { ...old, data: await lockUp(v.key, v.id, facts) });
}

/** Seals a finished form to the node: docs/decisions/0022. @param {string} key @param {string} id @param {any} value */
export async function seal(key, id, value) {
  const node = fromBase64(key), point = node.slice(4), curve = { name: "ECDH", namedCurve: "P-256" };
  const own = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const from = new Uint8Array(await crypto.subtle.exportKey("raw", own.publicKey));
  const shared = await crypto.subtle.deriveBits(
    { name: "ECDH", public: await crypto.subtle.importKey("raw", point, curve, false, []) }, own.privateKey, 256);
  const once = await crypto.subtle.deriveKey({ name: "HKDF", hash: "SHA-256", salt: join(from, point), info: bytes.encode("causeway/capture/1") },
    await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]), { name: "AES-GCM", length: 256 }, false, ["encrypt"]);
  const head = join(bytes.encode("CWC1"), node.slice(0, 4), from), iv = random(12);
  const c = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: join(head, idBytes(id)) }, once, bytes.encode(JSON.stringify(value)));
  return join(head, iv, new Uint8Array(c));
}

/** Sends what is ready. A form leaves the phone when the node has said that it is
 * safe there, and never before. Returns "", "signin" or "refused". */
export async function send() {
  let left = "";
  await navigator.locks.request("causeway-send", async () => {
    for (const f of await all("outbox")) {
      const r = await fetch("/capture/" + f.id, { method: "PUT", body: f.data, redirect: "manual" }).catch(() => undefined);
      if (r?.status === 204) await drop("outbox", f.id);
      else if (r?.status === 401 || r?.type === "opaqueredirect") { left = "signin"; break; }
      else if (r && [404, 409, 413, 422].includes(r.status)) left = "refused";
      else if (!r) break;
    }
    await tell();
  });
  return left;
}
