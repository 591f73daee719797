"use strict";
const $ = (id) => document.getElementById(id);
let version = "", state = null, box = 0, opened = null, view = "text", answering = "";
//: How many mails of each box were looked at: what came after is new. The first look at the page counts as one.
let seen = null;

function make(tag, props = {}, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
}
async function post(path, data) {
  const answer = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(data) });
  const body = await answer.json();
  $("notice").textContent = answer.ok ? "" : "Non riuscito: " + body.error;
  await refresh();
  return answer.ok;
}
//: What was done is said for some seconds; what went wrong, until something else is done.
function tell(done) { $("notice").textContent = done; setTimeout(() => { if ($("notice").textContent === done) $("notice").textContent = ""; }, 6000); }
async function refresh() {
  let fresh;
  try { fresh = await (await fetch("/api/state?version=" + version)).json(); }
  catch { $("notice").textContent = "Il programma non risponde: è ancora in funzione nel terminale?"; return; }
  $("now").textContent = fresh.now;
  if (!fresh.messages) return;
  version = fresh.version; state = fresh; draw();
}
function draw() {
  $("next").textContent = state.next ? "Il prossimo messaggio: " + state.next : "Nessun messaggio in programma: iscriviti a un incontro.";
  $("office").textContent = state.office;
  seen ??= state.mailboxes.map((m) => m.mails.length);
  drawChat(); drawMails(); drawTabs(); drawMeetings(); drawStory();
}
function fresh(i) { return state.mailboxes[i].mails.length - seen[i]; }
function formatted(message) {
  const nodes = []; let at = 0; const text = message.text;
  for (const e of message.entities.filter((x) => x.type === "bold")) {
    nodes.push(text.slice(at, e.offset), make("strong", { textContent: text.slice(e.offset, e.offset + e.length) }));
    at = e.offset + e.length;
  }
  nodes.push(text.slice(at));
  return nodes;
}
function drawChat() {
  const log = $("messages");
  const focused = document.activeElement?.dataset?.key;
  log.replaceChildren();
  for (const m of state.messages) {
    const bubble = make("div", { className: m.mine ? "bubble mine" : "bubble" }, ...formatted(m));
    if (m.file) bubble.append(make("br"), make("a", { href: "/api/file/" + m.file.id, textContent: "Allegato: " + m.file.name, download: m.file.name }));
    log.append(bubble);
    if (!m.buttons.length) continue;
    const keys = make("div", { className: "keys" });
    for (const row of m.buttons) {
      const line = make("div");
      for (const b of row) {
        if (b.url) { line.append(make("a", { href: b.url, textContent: b.text, target: "_blank", rel: "noreferrer" })); continue; }
        const key = make("button", { type: "button", textContent: b.text, onclick: () => post("/api/chat", { press: b.callback_data, message: m.id }) });
        key.dataset.key = m.id + b.callback_data;
        line.append(key);
      }
      keys.append(line);
    }
    log.append(keys);
  }
  log.scrollTop = log.scrollHeight;
  if (focused) (log.querySelector(`[data-key="${CSS.escape(focused)}"]`) || $("chat-text")).focus();
}
function drawTabs() {
  const focused = document.activeElement?.parentElement === $("tabs");
  $("tabs").replaceChildren(...state.mailboxes.map((m, i) => {
    const tab = make("button", { type: "button", textContent: `${m.name} (${m.mails.length})` + (fresh(i) ? ` · ${fresh(i) === 1 ? "1 nuova" : fresh(i) + " nuove"}` : ""), className: fresh(i) ? "has-new" : "", onclick: () => { box = i; opened = null; draw(); } });
    tab.setAttribute("role", "tab"); tab.setAttribute("aria-selected", i === box); tab.tabIndex = i === box ? 0 : -1;
    tab.onkeydown = (e) => { if (e.key === "ArrowRight" || e.key === "ArrowLeft") { box = (i + (e.key === "ArrowRight" ? 1 : -1) + state.mailboxes.length) % state.mailboxes.length; opened = null; draw(); $("tabs").children[box].focus(); } };
    return tab;
  }));
  if (focused) $("tabs").children[box].focus();
  const all = state.mailboxes.reduce((sum, _, i) => sum + fresh(i), 0);
  const sign = document.querySelector("[data-pane=mail] .new");
  sign.hidden = !all; sign.textContent = all === 1 ? "1 nuova" : `${all} nuove`;
}
function drawMails() {
  const mails = state.mailboxes[box].mails;
  if (opened === null && mails.length) opened = mails.length - 1;
  const before = seen[box];
  if (isShown("mail")) seen[box] = mails.length;
  $("mails").replaceChildren(...mails.slice().reverse().map((m) => {
    const item = make("button", { type: "button", textContent: m.subject || "(senza oggetto)", onclick: () => { opened = m.number; view = "text"; drawMails(); } });
    if (m.number === opened) item.setAttribute("aria-current", "true");
    if (m.number >= before || unread.has(`${box}:${m.number}`)) {
      unread.add(`${box}:${m.number}`);
      if (m.number === opened && isShown("mail")) setTimeout(() => unread.delete(`${box}:${m.number}`), 4000);
      item.className = "new-mail"; item.prepend(make("span", { className: "new", textContent: "nuova" }), " ");
    }
    return make("li", {}, item);
  }));
  const article = $("open-mail");
  const mail = mails[opened];
  if (!mail) { article.replaceChildren(make("p", { className: "empty", textContent: "Nessun messaggio ricevuto." })); return; }
  const body = view === "html" ? make("iframe", { title: "Messaggio in HTML", srcdoc: mail.html }) : make("pre", { textContent: mail.text });
  if (view === "html") body.setAttribute("sandbox", "");
  const show = (label, name) => make("button", { type: "button", textContent: label, onclick: () => { view = name; drawMails(); } });
  article.replaceChildren(
    make("h3", { textContent: mail.subject }), make("div", { textContent: "Da: " + mail.from }), make("div", { textContent: mail.date }),
    make("div", { className: "views" }, show("Testo", "text"), show("HTML", "html"), make("button", { type: "button", textContent: "Rispondi", onclick: () => { answering = mail.id; $("subject").value = mail.subject.startsWith("Re:") ? mail.subject : "Re: " + mail.subject; $("body").focus(); } })),
    body, ...mail.files.map(drawFile));
}
function drawFile(file) {
  const line = (name) => (file.text.replace(/\r?\n[ \t]/g, "").match(new RegExp("^" + name + "[^:]*:(.*)$", "m")) || [, ""])[1].trim();
  const link = make("a", { href: URL.createObjectURL(new Blob([file.text], { type: "text/calendar" })), download: file.name, textContent: "Scarica " + file.name });
  return make("details", {}, make("summary", { textContent: `Allegato ${file.name}: ${line("SUMMARY").replaceAll("\\,", ",")} (${line("DTSTART")})` }), link, make("pre", { textContent: file.text }));
}
function drawMeetings() {
  const chosen = $("meeting").value;
  $("meeting").replaceChildren(...state.meetings.map((m) => make("option", { value: m.id, textContent: m.name + (m.hour ? ` (${m.hour})` : "") })));
  if (chosen) $("meeting").value = chosen;
}
$("chat-form").onsubmit = async (e) => {
  e.preventDefault();
  const text = $("chat-text").value.trim();
  if (text && await post("/api/chat", { text })) $("chat-text").value = "";
};
$("chat-text").onkeydown = (e) => { if (e.key === "Enter" && !e.shiftKey) { e.preventDefault(); $("chat-form").requestSubmit(); } };
for (const hint of document.querySelectorAll("[data-say]")) hint.onclick = () => post("/api/chat", { text: hint.dataset.say });
$("mail-form").onsubmit = async (e) => {
  e.preventDefault();
  const sent = await post("/api/mail", { from: state.mailboxes[box].address, subject: $("subject").value, text: $("body").value, in_reply_to: answering });
  if (sent) { $("subject").value = $("body").value = answering = ""; opened = null; tell("E-mail inviata."); }
};
$("example").onclick = () => {
  answering = "";
  $("subject").value = "Partecipazione incontro";
  $("body").value = state.mailboxes[box].example;
  $("body").focus();
};
$("go-next").onclick = () => post("/api/clock", { next: true });
$("go-to").onsubmit = (e) => { e.preventDefault(); post("/api/clock", { to: $("to").value }); };
$("set-hour").onsubmit = (e) => { e.preventDefault(); post("/api/meeting", { id: $("meeting").value, hour: $("hour").value }); };
//: Mails that nobody opened yet, as "box:number".
const unread = new Set();
function isShown(pane) { return getComputedStyle(document.querySelector("main > ." + pane)).display !== "none"; }
function show(pane) {
  document.querySelector("main").dataset.shown = pane;
  for (const b of document.querySelectorAll("[data-pane]")) b.setAttribute("aria-pressed", b.dataset.pane === pane);
  if (state) draw();
}
for (const b of document.querySelectorAll("[data-pane]")) b.onclick = () => show(b.dataset.pane);

// The office: its real pages, in a frame.
function openOffice(path) { $("console").src = path; show("office"); $("console").focus(); }

// The story in four steps: each does its beginning, and is ticked when what it tells has happened.
const first = () => state.meetings.toSorted((a, b) => b.people - a.people)[0]; // where most people come
const steps = {
  mail: [async () => { box = 0; show("mail"); $("example").click(); $("mail-form").requestSubmit(); }, () => state.mailboxes[0].mails.length > 0],
  hour: [() => openOffice("/console/incontri/" + (first()?.id ?? "")), () => state.changed.includes("hour")],
  day: [() => openOffice("/console/incontri/" + (first()?.id ?? "") + "/sposta"), () => state.changed.includes("day")],
  question: [async () => { show("chat"); if (await post("/api/chat", { text: "Posso avere un rimborso per il treno?" })) $("console").src = "/console/domande"; }, () => state.answered > 0],
};
for (const [name, [begin]] of Object.entries(steps)) document.querySelector(`#step-${name} button`).onclick = async () => { version = ""; await refresh(); await begin(); if (getComputedStyle(document.querySelector(".views-of-all")).display !== "none") document.querySelector("main").scrollIntoView(); };
function drawStory() { for (const [name, [, done]] of Object.entries(steps)) $("step-" + name).classList.toggle("done", Boolean(done())); }
refresh(); setInterval(refresh, 700);
