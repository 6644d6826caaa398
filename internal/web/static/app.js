// Comforts of the staff pages. Every page works without this file.
// @ts-check

/** @param {string} key message key in the body's data attributes */
const say = (key) => document.body.dataset[key] ?? "";

// A page that the browser kept alive in memory is shown again on "back", even
// after signing out. Ask the server instead.
addEventListener("pageshow", (e) => { if (e.persisted) location.reload(); });

// An error summary is read first.
document.getElementById("errors")?.focus();

// "/" goes to the search field, unless somebody is typing.
addEventListener("keydown", (e) => {
  if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey) return;
  const at = document.activeElement;
  if (at instanceof HTMLElement && (at.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(at.tagName))) return;
  const field = document.getElementById("q");
  if (!field || !field.offsetParent) return;
  e.preventDefault();
  field.focus();
});

// Filters: a change swaps the results and nothing else.
for (const form of document.querySelectorAll("form[data-filter]")) {
  if (!(form instanceof HTMLFormElement)) continue;
  form.classList.add("live");
  let latest = 0;
  form.addEventListener("change", async () => {
    const mine = ++latest;
    const query = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (value) query.append(name, String(value));
    const address = form.action + (query.size ? "?" + query : "");
    try {
      const answer = await fetch(address, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const fresh = page.querySelector(form.dataset.filter ?? "");
      const old = document.querySelector(form.dataset.filter ?? "");
      if (mine !== latest) return;
      if (!answer.ok || answer.redirected || !fresh || !old) { location.assign(address); return; }
      old.replaceChildren(...fresh.childNodes);
      history.replaceState(null, "", address);
    } catch {
      form.submit(); // the ordinary way shows the browser's own message
    }
  });
}

// Forms that hold a child's words: do not lose them.
let typed = false;
for (const form of document.querySelectorAll("form[data-guard]")) {
  if (form.querySelector(".wrong") || document.getElementById("errors")) typed = true;
  form.addEventListener("input", () => { typed = true; });
}
addEventListener("beforeunload", (e) => {
  if (!typed) return;
  e.preventDefault();
  e.returnValue = say("leave"); // older browsers want a text
});
addEventListener("submit", (e) => {
  const form = e.target;
  if (!(form instanceof HTMLFormElement) || form.method !== "post") return;
  // The decision is made before any wait: after one, the browser has sent.
  if (!navigator.onLine) {
    e.preventDefault();
    banner(say("offline"));
    return;
  }
  if (form.dataset.sent) { e.preventDefault(); return; } // a second tap on a slow network
  form.dataset.sent = "1";
  e.submitter?.classList.add("busy");
  if (form.hasAttribute("data-guard")) typed = false;
  setTimeout(() => { delete form.dataset.sent; e.submitter?.classList.remove("busy"); }, 8000);
});

/** @param {string} text */
function banner(text) {
  document.querySelector(".offline")?.remove();
  const p = document.createElement("p");
  p.className = "offline";
  p.setAttribute("role", "alert");
  p.textContent = text;
  document.getElementById("main")?.prepend(p);
}
addEventListener("online", () => document.querySelector(".offline")?.remove());

// A page left alone covers itself, so that the next person at a shared table
// does not read it. What was typed stays in the page, under the cover.
const limit = Number(document.body.dataset.expiry) * 1000;
if (limit > 0) {
  let timer = 0;
  const cover = () => {
    if (document.querySelector(".cover")) return;
    const div = document.createElement("div");
    const p = document.createElement("p");
    const button = document.createElement("button");
    div.className = "cover";
    div.setAttribute("role", "dialog");
    div.setAttribute("aria-modal", "true");
    div.setAttribute("aria-label", say("covered"));
    p.textContent = say("covered");
    button.type = "button";
    button.className = "main";
    button.textContent = say("uncover");
    const rest = [...document.body.children].filter((el) => el instanceof HTMLElement);
    button.addEventListener("click", () => {
      if (!typed) { location.reload(); return; } // the server decides whether the session still holds
      for (const el of rest) if (el instanceof HTMLElement) el.inert = false;
      div.remove();
      wake();
    });
    for (const el of rest) if (el instanceof HTMLElement) el.inert = true;
    div.append(p, button);
    document.body.append(div);
    button.focus();
  };
  const wake = () => { clearTimeout(timer); timer = setTimeout(cover, limit); };
  for (const kind of ["pointerdown", "keydown", "scroll"]) addEventListener(kind, () => { if (!document.querySelector(".cover")) wake(); }, { passive: true });
  wake();
}

// What was written without a network and is still on this phone is not to be
// forgotten: it is sent now, whoever is signed in, and says so until it is.
const unsent = document.getElementById("unsent"), old = document.getElementById("olddraft");
if (unsent && !document.getElementById("capture")) {
  const look = () => { unsent.hidden = !localStorage.getItem("unsent"); };
  look();
  if (!unsent.hidden) import(unsent.dataset.store ?? "").then((m) => m.send()).then(look, look);
  if (old) old.hidden = !(Date.now() - Number(localStorage.getItem("draft") ?? Infinity) > 5 * 864e5);
}
