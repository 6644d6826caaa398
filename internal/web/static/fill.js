// A form that is data: questions appear and go as the answers ask for them. The
// server works it out; without this file a button asks it to.
// @ts-check

for (const form of document.querySelectorAll("form[data-look]")) {
  if (!(form instanceof HTMLFormElement)) continue;
  let latest = 0, timer = 0;
  const look = async () => {
    const mine = ++latest;
    try {
      const body = new URLSearchParams();
      for (const [name, value] of new FormData(form)) body.append(name, String(value));
      const answer = await fetch(form.dataset.look ?? "", { method: "POST", body });
      if (mine !== latest || !answer.ok || answer.redirected) return;
      const seen = await answer.json();
      for (const id of seen.shown) show(id, true);
      for (const id of seen.hidden) show(id, false);
      for (const [id, text] of Object.entries(seen.values)) {
        const el = document.getElementById(id);
        if (el && el.textContent !== text) el.textContent = String(text);
      }
      form.classList.add("live"); // the button is not needed
    } catch {
      form.classList.remove("live"); // no network: the button is
    }
  };
  /** @param {string} id @param {boolean} on */
  const show = (id, on) => {
    const el = document.getElementById(id);
    if (el && el.hidden === on) el.hidden = !on;
  };
  form.addEventListener("change", () => { clearTimeout(timer); timer = setTimeout(look, 150); });
}
