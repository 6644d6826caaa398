// Work without a network: one page, on which forms are begun, kept as drafts and
// finished. The key to the drafts lives in this module and nowhere else: it goes
// with the page, when the page is locked, and after a time without a touch.
// @ts-check

/** @typedef {{n: string, l: string, t: string, h?: string, o?: string, r?: boolean, if?: {n: string, is: string[]}[], u?: Record<string, string>}} Field */
/** @typedef {{c: string, l: string, a?: string[], p?: string[], first?: boolean, always?: boolean, on?: string, u?: string[]}} Card */
/** @typedef {{kind: string, title: string, hint?: string, number?: boolean, help?: boolean, version?: string, fields: Field[], cards?: Card[]}} Blank */
/** @typedef {{id: string, at: number, kind: string, answers: Record<string, string[]>}} Draft */

const root = /** @type {HTMLFormElement} */ (document.getElementById("capture"));
const here = root.dataset;
const store = await import(/** @type {string} */ (here.store));
const lang = document.documentElement.lang;

/** @type {any} */ let blank;
/** @type {{id: string, key: CryptoKey, facts: any} | undefined} */ let vault;
/** @type {Draft | undefined} */ let draft;
let note = "", loud = false;

const say = (/** @type {string} */ key) => blank.words[key] ?? "";
/** @param {string} tag @param {Record<string, any>} [attrs] @param {...(Node | string)} kids */
function h(tag, attrs = {}, ...kids) {
  const el = document.createElement(tag);
  for (const [k, x] of Object.entries(attrs)) typeof x === "function" ? el.addEventListener(k, x) : x !== false && el.setAttribute(k, x === true ? "" : x);
  el.append(...kids);
  return el;
}
const button = (/** @type {string} */ key, /** @type {() => any} */ act, cls = "", words = say(key)) =>
  h("button", { type: "button", class: cls, "data-do": key, click: () => act() }, words);
const day = (/** @type {number} */ ms) => new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short" }).format(ms);

/** @param {...Node} kids */
function show(...kids) {
  const said = h("p", { class: loud ? "callout danger" : "notice done", role: loud ? "alert" : "status" }, note);
  root.replaceChildren(...(note ? [said] : []), ...kids);
  note = ""; loud = false;
}
/** @param {string} key */
const warn = (key) => { note = say(key); loud = true; };

/** What is not sent stands first, locked or not. */
async function unsent() {
  const n = await store.tell();
  if (!n) return [];
  return [h("div", { class: "callout danger", role: "alert" }, h("p", {}, h("strong", {}, say("notsent") + " " + new Intl.NumberFormat(lang).format(n)), " ", say("notsentsays")),
    button("send", async () => { await sendAll(); await home(); }))];
}

async function sendAll() {
  if (!(await store.all("outbox")).length) return;
  const left = navigator.onLine ? await store.send() : "offline";
  if (left) warn("send" + left); else if (!(await store.tell())) note = say("sent");
  else warn("sendoffline");
}

// The locked page: a passphrase, or a new one.
async function locked() {
  const mine = (await store.all("vault")).filter((/** @type {any} */ v) => !here.who || v.id === here.who);
  const field = (/** @type {string} */ id) => h("div", { class: "field" }, h("label", { for: id }, say(id)),
    h("input", { id, type: "password", autocomplete: "off", dir: "auto", spellcheck: "false" }));
  const value = (/** @type {string} */ id) => /** @type {HTMLInputElement} */ (document.getElementById(id)).value;
  const top = await unsent();
  if (mine.length) {
    show(...top, h("p", {}, say("lockedsays")), field("pass"), h("div", { class: "actions" },
      button("unlock", async () => {
        vault = await store.unlock(value("pass"), here.who);
        if (!vault) warn("wrong");
        else if (here.ticket) await store.renew(vault, facts());
        await home();
      }, "main"), ...(here.who ? [button("forgot", async () => {
        if (!confirm(say("forgotsure"))) return;
        for (const d of await store.all("draft")) if (d.vault === here.who) await store.drop("draft", d.id);
        await store.drop("vault", here.who);
        await home();
      }, "quietly")] : [])), wipe());
  } else if (here.ticket) {
    show(...top, h("p", {}, say("makesays")), field("pass"), field("again"), h("div", { class: "actions" },
      button("make", async () => {
        const pass = value("pass");
        if (pass.trim().split(/\s+/).length < 4 || pass.trim().length < 16) warn("short");
        else if (pass !== value("again")) warn("differ");
        else {
          vault = await store.makeVault(here.who, pass, facts());
          if (!(await navigator.storage?.persist?.())) warn("evict");
        }
        await home();
      }, "main")), h("p", { class: "hint" }, say("limits")));
  } else show(...top, h("p", {}, say(here.who ? "nothing" : "first")));
}
const facts = () => ({ key: here.key, ticket: here.ticket, until: Number(here.until) });

function wipe() {
  return h("p", {}, button("wipe", async () => {
    if (navigator.onLine) await store.send(); // what can still arrive, arrives
    if (!confirm(say("wipesure"))) return;
    vault = undefined;
    for (const s of ["vault", "draft", "outbox"]) for (const x of await store.all(s)) await store.drop(s, x.id);
    note = say("wiped");
    await home();
  }, "quietly"));
}

/** @returns {Promise<Draft[]>} */
async function drafts() {
  const out = [];
  for (const d of await store.all("draft")) {
    if (d.vault === vault?.id) out.push({ id: d.id, at: d.at, ...await store.openUp(/** @type {CryptoKey} */ (vault?.key), d.id, d.data) });
  }
  return out.sort((a, b) => b.at - a.at);
}
const kindOf = (/** @type {string} */ kind) => /** @type {Blank} */ (blank.forms.find((/** @type {Blank} */ f) => f.kind === kind));

async function home() {
  draft = undefined;
  if (!vault) return locked();
  if (Date.now() > vault.facts.until && !note) warn("stale");
  const top = await unsent(), list = await drafts();
  const rows = list.map((d) => {
    const left = Math.ceil((d.at + 7 * 864e5 - Date.now()) / 864e5);
    return h("li", {}, h("div", {}, button("open", () => edit(d), "quietly", kindOf(d.kind)?.title ?? d.kind),
      h("p", { class: "meta" }, day(d.at), " · ", h("span", { class: left <= 2 ? "tag late" : "" }, say("expires") + " " + new Intl.RelativeTimeFormat(lang).format(left, "day")))));
  });
  show(...top, h("h2", {}, say("new")), h("div", { class: "actions" }, ...blank.forms.map((/** @type {Blank} */ f, /** @type {number} */ i) =>
    button(f.kind, () => edit({ id: store.newID(), at: Date.now(), kind: f.kind, answers: {} }), i ? "" : "main", f.title))),
    h("h2", {}, say("drafts")), rows.length ? h("ul", { class: "rows", role: "list" }, ...rows) : h("p", { class: "meta" }, say("nodrafts")),
    h("div", { class: "actions" }, button("lock", lock)), h("p", { class: "hint" }, say("limits")), wipe());
}

async function lock() {
  await save();
  vault = undefined;
  note = say("locked");
  await home();
}

// Drafts.
let timer = 0, saving = Promise.resolve();
/** One save after the other, so that none comes after the form was finished. */
function save() {
  clearTimeout(timer);
  return saving = saving.then(async () => {
    if (!draft || !vault || !Object.keys(draft.answers).length) return;
    const { id, at, kind, answers } = draft;
    await store.put("draft", { id, at, vault: vault.id, data: await store.lockUp(vault.key, id, { kind, answers }) });
    const said = document.getElementById("saved");
    if (said) said.textContent = say("saved");
  }).catch(() => warn("full"));
}

/** The questions of a form, as far as its answers decide them.
 * @param {Blank} f @param {Record<string, string[]>} a @returns {Field[]} */
function asked(f, a) {
  const shown = new Set();
  const out = f.fields.filter((x) => (x.if ?? []).every((c) => shown.has(c.n) && c.is.includes(a[c.n]?.[0])) && shown.add(x.n));
  if (f.cards && a.age_about && a.place_met) {
    const fit = f.cards.filter((c) => (!c.a || c.a.includes(a.age_about[0])) && (!c.p || c.p.includes(a.place_met[0])));
    const cards = [...fit.filter((c) => c.always), ...fit.filter((c) => !c.first && !c.always)].slice(0, blank.cards);
    out.push(...[...fit.filter((c) => c.first), ...cards].map((c) => ({ n: "q_" + c.c, l: c.l, t: "pick", o: "answer", r: true, u: c.u && { [c.on ?? ""]: c.u.join(" ") } })));
  }
  return out;
}

/** @param {Draft} d @param {string[]} [missing] */
function edit(d, missing = []) {
  draft = d;
  const f = kindOf(d.kind), rows = asked(f, d.answers), form = h("div", { class: "form" });
  for (const x of rows) form.append(control(x, d.answers[x.n] ?? [], missing.includes(x.n)));
  form.addEventListener("input", () => {
    for (const x of rows) {
      const got = [...form.querySelectorAll(`[name="${x.n}"]`)].filter((el) => el instanceof HTMLInputElement && /radio|checkbox/.test(el.type) ? el.checked : true)
        .map((el) => /** @type {HTMLInputElement} */ (el).value).filter(Boolean);
      if (got.length) d.answers[x.n] = got; else delete d.answers[x.n];
    }
    clearTimeout(timer);
    timer = setTimeout(save, 400);
  });
  form.addEventListener("change", (e) => {
    const n = /** @type {HTMLInputElement} */ (e.target).name;
    if (["age_about", "place_met"].includes(n) || f.fields.some((x) => x.if?.some((c) => c.n === n))) {
      edit(d);
      /** @type {HTMLElement | null} */ (root.querySelector(`[name="${n}"]:checked, select[name="${n}"]`))?.focus();
    }
  });
  show(h("h2", {}, f.title), ...(f.hint ? [h("p", { class: "hint" }, f.hint)] : []), form,
    h("div", { class: "actions last" }, button("finish", () => finish(false), "main"), ...(f.help ? [button("help", () => finish(true))] : []),
      button("keep", async () => { await save(); await home(); }, "quietly"), h("span", { id: "saved", class: "meta", role: "status" })),
    h("p", {}, button("remove", async () => {
      if (!confirm(say("removesure"))) return;
      draft = undefined;
      await store.drop("draft", d.id);
      await home();
    }, "quietly")));
  form.querySelector(".wrong")?.scrollIntoView({ block: "center" });
}

/** @param {Field} x @param {string[]} is @param {boolean} wrong */
function control(x, is, wrong) {
  const id = "f-" + x.n, off = { autocomplete: "off", autocapitalize: "sentences", spellcheck: "false", name: x.n };
  const parts = [...(x.h ? [h("p", { class: "hint" }, x.h)] : []), ...(wrong ? [h("p", { class: "error" }, say(x.n === "number" && is.length ? "badnumber" : "missing"))] : [])];
  const cls = "field" + (wrong ? " wrong" : ""), label = x.l + (x.r ? "" : " " + say("optional"));
  const options = x.o ? blank.lists[x.o] : [];
  if (x.t === "pick" || x.t === "many") {
    return h("fieldset", { class: cls }, h("legend", {}, label), ...parts, h("div", { class: "pills" }, ...options.map((/** @type {string[]} */ [value, words]) =>
      h("label", { class: "pill" }, h("input", { type: x.t === "pick" ? "radio" : "checkbox", name: x.n, value, autocomplete: "off", checked: is.includes(value) }), h("span", {}, words)))));
  }
  const input = x.t === "list" ? h("select", { id, ...off }, h("option", { value: "" }, say("choose")),
    ...options.map((/** @type {string[]} */ [value, words]) => h("option", { value, selected: is.includes(value) }, words)))
    : x.t === "area" ? h("textarea", { id, ...off, rows: "4", dir: "auto", maxlength: "20000" }, is[0] ?? "")
    : h("input", { id, ...off, type: x.t === "date" ? "date" : "text", value: is[0] ?? "", dir: x.n === "number" ? "ltr" : "auto", maxlength: "400", inputmode: x.t === "digits" ? "numeric" : "text" });
  return h("div", { class: cls }, h("label", { for: id }, label), ...parts, input);
}

const alphabet = "34679ACDEFGHJKMNPQRTWXY";
/** Finds a slip in a case number, as the node would. @param {string} typed */
function numberFits(typed) {
  const s = typed.toUpperCase().replace(/[\s\u200e\u200f-]/g, ""), at = [...s].map((c) => alphabet.indexOf(c));
  return at.length === 9 && !at.includes(-1) && at.slice(0, 8).reduce((sum, x, i) => sum + (i + 2) * x, 0) % 23 === at[8];
}

/** @param {boolean} help the answers so far are handed over at once */
async function finish(help) {
  if (!draft || !vault) return;
  const d = draft, f = kindOf(d.kind), rows = asked(f, d.answers);
  const missing = rows.filter((x) => x.r && !d.answers[x.n] && !(help && x.n !== "age_about" && x.n !== "place_met")).map((x) => x.n);
  if (f.number && d.answers.number && !numberFits(d.answers.number[0])) missing.push("number");
  if (missing.length) { warn("incomplete"); edit(d, missing); return; }
  const urgent = [...new Set(rows.flatMap((x) => x.u?.[d.answers[x.n]?.[0]]?.split(" ") ?? []))];
  const { number, ...answers } = d.answers, kept = new Set(rows.map((x) => x.n)); // a question that is asked no more is not answered
  for (const n of Object.keys(answers)) if (!kept.has(n)) delete answers[n];
  if (help) answers.go = ["help"];
  if (f.version) answers.version = [f.version];
  const { key, ticket } = vault.facts;
  draft = undefined; // no later save brings it back, and a second tap finds nothing
  clearTimeout(timer);
  await saving;
  try {
    const data = await store.seal(key, d.id, { v: 1, ticket, kind: d.kind, number: number?.[0] ?? "", at: Date.now(), answers });
    await store.put("outbox", { id: d.id, at: Date.now(), data });
  } catch { warn("full"); edit(d); return; } // the draft is still there
  await store.drop("draft", d.id);
  if (navigator.onLine) await sendAll();
  if (!note) note = say("sealed");
  await home();
  if (urgent.length) {
    root.prepend(h("section", { class: "callout danger", role: "alert" }, h("div", {}, h("strong", {}, say("urgent")),
      ...urgent.map((u) => h("p", {}, h("strong", {}, blank.urgent[u][0]), " ", blank.urgent[u][1])))));
  }
  scrollTo(0, 0);
}

// A page left alone locks itself; a phone that slept finds out when it wakes.
let idle = 0, touched = Date.now();
const limit = Number(here.idle) * 1000;
const wake = () => { touched = Date.now(); clearTimeout(idle); idle = setTimeout(() => vault && lock(), limit); };
for (const kind of ["pointerdown", "keydown", "scroll"]) addEventListener(kind, wake, { passive: true });
addEventListener("visibilitychange", () => { if (vault && Date.now() - touched > limit) lock(); else save(); });
addEventListener("online", async () => { await sendAll(); if (!draft) await home(); });
root.addEventListener("submit", (e) => e.preventDefault());
root.addEventListener("keydown", (e) => {
  if (e.key === "Enter" && e.target instanceof HTMLInputElement) { e.preventDefault(); if (!draft) /** @type {HTMLElement | null} */ (root.querySelector(".main"))?.click(); }
});

/** Gives the worker what it may keep: this page without anybody's name, its
 * style and modules, and the blank forms. */
async function prepare() {
  await navigator.serviceWorker?.register("/capture/worker.js", { scope: "/capture" });
  const keep = ["/capture/shell", "/capture/forms", ...[...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")].map((el) => el.getAttribute("href") ?? el.getAttribute("src") ?? ""), here.store ?? ""];
  const cache = await caches.open("capture");
  await cache.addAll(keep);
  for (const r of await cache.keys()) if (!keep.includes(new URL(r.url).pathname)) await cache.delete(r);
}

const answer = await fetch("/capture/forms").catch(() => undefined);
if (answer?.ok) {
  blank = await answer.json();
  root.hidden = false;
  wake();
  if (here.who) { await sendAll(); prepare().catch(() => undefined); }
  await home();
}
