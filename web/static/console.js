// Makes the same pages quicker; nothing depends on it. No markup is made out of words (Trusted Types).

const page = document.body;

// The numbers of the menu, twice a minute while the tab is seen.
const every = 30_000;
let pause = every;
async function renew() {
  if (!document.hidden) {
    try {
      const answer = await fetch(page.dataset.signs, { headers: { Accept: "application/json" } });
      if (answer.status === 401) return; // the session is over: the next page says so
      const signs = await answer.json();
      for (const sign of document.querySelectorAll("[data-sign]")) {
        const now = signs[sign.dataset.sign];
        if (!now) continue;
        sign.firstElementChild.textContent = now.n.toLocaleString("it");
        sign.hidden = now.n === 0;
      }
      document.dispatchEvent(new CustomEvent("signs", { detail: signs }));
      pause = every;
    } catch {
      pause = Math.min(pause * 2, 8 * every);
    }
  }
  setTimeout(renew, pause);
}
if (page.dataset.signs) setTimeout(renew, pause);

// On a telephone the menu slides, and begins at the page one is on: where the style alone (scroll-initial-target) does not do it.
const here = document.querySelector(".menu [aria-current]");
if (here) here.closest(".menu").scrollLeft = here.offsetLeft - parseFloat(getComputedStyle(here).scrollMarginInlineStart);

// A bar that counts down for as long as something can be taken back. Then it says what is so after that (data-over), if it can.
for (const bar of document.querySelectorAll("[data-until]")) {
  const seconds = bar.querySelector("[data-seconds]");
  const count = () => {
    const left = Math.round(Number(bar.dataset.until) - Date.now() / 1000);
    if (left <= 0) {
      seconds.textContent = "";
      bar.querySelector("form")?.remove();
      const over = bar.querySelector("[data-over]");
      if (over) {
        over.hidden = false;
        bar.replaceChildren(over);
      }
      return;
    }
    seconds.textContent = ` (${left} s)`;
    setTimeout(count, 1000);
  };
  count();
}

// What is being written stays in this browser until it was accepted: the page that follows names it in data-accepted.
const kept = (name) => `bozza:${name}`;
for (const done of document.querySelectorAll("[data-accepted]")) {
  for (const name of done.dataset.accepted.split(" ")) localStorage.removeItem(kept(name));
}
for (const area of document.querySelectorAll("textarea[data-draft]")) {
  const name = kept(area.dataset.draft);
  const before = localStorage.getItem(name);
  const keep = () => {
    if (area.value.trim()) localStorage.setItem(name, area.value);
    else localStorage.removeItem(name);
  };
  if (before && !area.value.trim()) area.value = before;
  if ("unsaved" in area.dataset) keep();
  area.addEventListener("input", keep);
  area.form.addEventListener("submit", keep);
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) area.form.requestSubmit();
  });
}
// Who leaves takes the drafts along: the next one at this desk does not read them.
for (const form of document.querySelectorAll('form[action$="/esci"]')) {
  form.addEventListener("submit", () => {
    for (const name of Object.keys(localStorage)) if (name.startsWith("bozza:")) localStorage.removeItem(name);
  });
}

// One form, one sending: a second press while the first is under way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
});
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// "Choose all" above the rows that can be ticked.
for (const all of document.querySelectorAll("input[data-all]")) {
  all.addEventListener("change", () => {
    for (const one of document.querySelectorAll(`input[name="${all.dataset.all}"]`)) one.checked = all.checked;
  });
}

// Single keys press the link, button or field that names them (data-key); never inside a field, and each can turn them off.
const typing = (element) => element.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");
document.addEventListener("keydown", (event) => {
  if (page.dataset.keys !== "on" || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const key = event.key === "?" ? "?" : event.key.toLowerCase();
  const found = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!found) return;
  event.preventDefault();
  found.focus();
  if (!typing(found)) found.click();
});
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && document.querySelector("details.me[open]");
  if (open) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});
