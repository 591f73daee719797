// Makes the same pages quicker; nothing depends on it. No markup is made out of words (Trusted Types).

const page = document.body;

// Parts that renew themselves (data-renew: a name), each with the markup that came last.
const parts = new Map();
for (const part of document.querySelectorAll("[data-renew]")) parts.set(part, part.innerHTML);
// This page as it is now: the browser makes the document, nothing here makes markup.
const load = () =>
  new Promise((resolve, reject) => {
    const asked = new XMLHttpRequest();
    asked.open("GET", location.href);
    asked.setRequestHeader("X-Renew", "1"); // nobody's visit
    asked.responseType = "document";
    asked.onload = () => (asked.status === 200 ? resolve(asked.response) : reject());
    asked.timeout = every;
    asked.onerror = asked.ontimeout = reject;
    asked.send();
  });
// What somebody is at waits for the next time.
function inHand(part) {
  const chosen = getSelection();
  const read = !chosen.isCollapsed && part.contains(chosen.anchorNode);
  return read || part.contains(document.activeElement) || part.querySelector("input:checked, details[open]");
}
async function renewParts() {
  const now = await load();
  for (const [part, before] of parts) {
    const fresh = now.querySelector(`[data-renew="${part.dataset.renew}"]`);
    if (!fresh || fresh.innerHTML === before || inHand(part)) continue;
    parts.set(part, fresh.innerHTML);
    part.replaceChildren(...document.importNode(fresh, true).childNodes);
    part.querySelectorAll("[data-until]").forEach(countDown);
    part.querySelectorAll("input[data-all]").forEach(choosesAll);
  }
}

// They and the numbers of the menu: twice a minute while the tab is seen, and when it is seen again.
const every = 30_000;
const soon = 3_000; // after a bar has run out
let pause = every;
let next;
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
      if (parts.size) await renewParts();
      pause = every;
    } catch {
      pause = Math.min(pause * 2, 8 * every);
    }
  }
  clearTimeout(next);
  next = setTimeout(renew, pause);
}
if (page.dataset.signs) {
  next = setTimeout(renew, pause);
  document.addEventListener("visibilitychange", renew);
}

// On a telephone the menu slides, and begins at the page one is on: where the style alone (scroll-initial-target) does not do it.
const here = document.querySelector(".menu [aria-current]");
if (here) {
  const slide = () => {
    here.closest(".menu").scrollLeft = here.offsetLeft - parseFloat(getComputedStyle(here).scrollMarginInlineStart);
  };
  slide();
  document.fonts.ready.then(slide); // its own letters are wider than those shown before they come
}

// A bar that counts down for as long as something can be taken back. Then it says what is so after that (data-over), if it can.
function countDown(bar) {
  const seconds = bar.querySelector("[data-seconds]");
  const count = () => {
    if (!bar.isConnected) return;
    const left = Math.round(Number(bar.dataset.until) - Date.now() / 1000);
    if (left <= 0) {
      seconds.textContent = "";
      bar.querySelector("form")?.remove();
      const over = bar.querySelector("[data-over]");
      if (over) {
        over.hidden = false;
        bar.replaceChildren(over);
      }
      if (bar.closest("[data-renew]")) setTimeout(renew, soon);
      return;
    }
    seconds.textContent = left < 120 ? ` (${left} s)` : ` (${Math.ceil(left / 60)} min)`;
    setTimeout(count, 1000);
  };
  count();
}
document.querySelectorAll("[data-until]").forEach(countDown);

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

// The browser's own window for printing.
for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

// "Choose all" the rows that can be ticked, but for those that are only kept to be seen. Not there without this.
function choosesAll(all) {
  all.closest("[hidden]").hidden = false;
  all.addEventListener("change", () => {
    for (const one of document.querySelectorAll(`tr:not(.off-paper) input[name="${all.dataset.all}"]`)) one.checked = all.checked;
  });
}
document.querySelectorAll("input[data-all]").forEach(choosesAll);

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
