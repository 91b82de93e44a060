"use strict";
// Spares the page a reload when something is answered, and keeps what cannot be sent now. The page
// is whole without it: everything shown comes from the server, as HTML.

const FORMS = ".question form, .missed form";
const TRY_AGAIN_MS = 30_000; // While something waits to be sent: seldom enough for a battery.

let edited = false; // Whether something is filled in that a new page would take away.

document.addEventListener("input", () => (edited = true));
document.addEventListener("submit", answer);
addEventListener("online", settle);
document.addEventListener("visibilitychange", () => document.hidden || settle());
setInterval(() => document.querySelector(".kept") && settle(), TRY_AGAIN_MS);
navigator.serviceWorker?.register("/service-worker.js");
begin();

async function begin() {
  await markKept();
  await settle();
  const seconds = document.querySelector("main").dataset.lookAgainS;
  if (seconds) setInterval(lookAgain, 1000 * seconds);
}

async function answer(event) {
  const form = event.target.closest(FORMS);
  if (!form) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form, event.submitter));
  const button = event.submitter;
  const label = body.get("time") ?? button?.dataset.label ?? button?.innerText ?? "";
  const word = outbox.word(form.getAttribute("action"), body, label);
  try {
    const { taken, html } = await outbox.post(word);
    if (taken || whyNot(html)) show(html, form.closest("[id]")?.id);
    else document.querySelector("main").prepend(copyOf("not-taken"));
    await outbox.forget(word.key).catch(() => {});
    await markKept();
  } catch {
    await keep(word, form);
  }
}

async function keep(word, form) {
  try {
    await outbox.keep(word);
  } catch {
    form.append(copyOf("not-kept"));
    return;
  }
  mark(form, word);
  const registration = await navigator.serviceWorker?.getRegistration();
  await registration?.sync?.register("answers").catch(() => {});
}

// Puts a new page in the place of this one, and the focus where it was.
function show(html, id) {
  const known = new Set([...document.querySelectorAll("main [id]")].map((each) => each.id));
  const main = parsed(html).querySelector("main");
  document.querySelector("main").replaceWith(main);
  document.body.removeAttribute("data-kept");
  edited = false;
  const added = [...main.querySelectorAll(".episode")].find((each) => !known.has(each.id));
  const place = main.querySelector("#refusal") ?? added ?? document.getElementById(id);
  (place?.querySelector(".said, button") ?? place)?.focus();
  navigator.serviceWorker?.controller?.postMessage("keep the front page");
}

async function markKept() {
  for (const word of await outbox.all().catch(() => [])) {
    const form = formsOf(word)[0];
    if (form) mark(form, word);
  }
}

const formsOf = (word) =>
  [...document.querySelectorAll(FORMS)].filter((form) => form.getAttribute("action") === word.url);

// Says beside the question that what was answered is kept.
function mark(form, word) {
  const card = form.closest(".question, .missed");
  card.querySelector(`.kept[data-key="${CSS.escape(word.key)}"]`)?.remove();
  const note = copyOf("kept");
  note.dataset.key = word.key;
  note.querySelector("b").textContent = `${word.label}.`;
  note.querySelector("button").addEventListener("click", () => doNotSend(word.key));
  (card.querySelector(":scope > form, :scope > .said") ?? card.lastElementChild).after(note);
  if (card.matches(".missed")) card.open = true;
  const said = new URLSearchParams(word.body).get("said");
  for (const each of formsOf(word)) {
    for (const button of each.querySelectorAll("button[name=said]")) {
      button.setAttribute("aria-pressed", String(button.value === said));
    }
    const more = each.closest(".more");
    if (more) more.hidden = said !== "yes";
  }
}

async function doNotSend(key) {
  await outbox.forget(key);
  location.reload();
}

// Sends what is kept, and shows the page anew where something was.
async function settle() {
  try {
    for (const { word, html } of await outbox.send()) {
      await outbox.forget(word.key);
      const note = copyOf("not-taken");
      note.textContent = whyNot(html)?.textContent ?? note.textContent;
      document.querySelector("main").prepend(note);
    }
  } catch {
    return;
  }
  const kept = new Set((await outbox.all().catch(() => [])).map((each) => each.key));
  const notes = [...document.querySelectorAll(".kept[data-key]")];
  const sent = notes.filter((each) => !kept.has(each.dataset.key));
  const old = document.body.hasAttribute("data-kept");
  if (!(sent.length || old)) return;
  sent.forEach((each) => each.remove());
  if (!edited) await refresh();
}

async function refresh() {
  const html = await newest();
  if (html === null) return;
  const refusals = [...document.querySelectorAll("main > .notice[role=alert]:not(#refusal)")];
  show(html, document.activeElement?.closest("main [id]")?.id);
  document.querySelector("main").prepend(...refusals);
}

async function lookAgain() {
  const html = document.hidden ? null : await newest();
  if (html === null) return;
  const tonight = parsed(html).querySelector(".tonight");
  const shown = document.querySelector(".tonight");
  if (tonight && shown) shown.replaceWith(tonight);
  else if (!edited) location.reload();
}

async function newest() {
  const response = await fetch(location.href).catch(() => null);
  return response?.ok ? response.text() : null;
}

const parsed = (html) => new DOMParser().parseFromString(html, "text/html");
const whyNot = (html) => parsed(html).querySelector("#refusal");

function copyOf(id) {
  return document.getElementById(id).content.firstElementChild.cloneNode(true);
}
