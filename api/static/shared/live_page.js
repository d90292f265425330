// Makes a page live that the server draws, with scripts or without: it is only asked for again when
// its subscription says that something happened, or the QR on it grows old. A QR is asked for by the
// page's own form: looking at a page makes none.

import { Live } from "./client.js";
import { at } from "./elements.js";

const AGAIN_MS = 5_000;
const DECLINED_MS = 30_000;
const SETTLE_MS = 150;

let page;
let timers = [];
let settling = null;
let asked = 0;

/** What a form has just done is told until the state changes: news of the lock that was ordered down
 * must not wipe away that it was. */
function toldOf(present, fresh) {
  const told = present.querySelector(":scope > .notice.good");
  return told && present.dataset.state === fresh.dataset.state && !fresh.querySelector(":scope > .notice") ? [told] : [];
}

/** Takes over the sections that differ; one that somebody is typing in stays as it is. */
function take(fresh) {
  const present = at(page.id);
  const typing = document.activeElement?.matches("input") ? document.activeElement.closest("section") : null;
  const sections = toldOf(present, fresh).concat([...fresh.children].map((section) => {
    const old = section.getAttribute("aria-labelledby") &&
      present.querySelector(`:scope > [aria-labelledby="${section.getAttribute("aria-labelledby")}"]`);
    return old && (old === typing || old.isEqualNode(section)) ? old : section;
  }));
  const focused = document.activeElement?.closest(`#${page.id}`) ? document.activeElement : null;
  const isSame = sections.length === present.children.length && sections.every((section, i) => section === present.children[i]);
  Object.assign(present.dataset, fresh.dataset);
  if (!isSame) present.replaceChildren(...sections);
  if (focused?.isConnected) focused.focus({ preventScroll: true });
}

/** The form that asks for a code; null while that is for who is signed in, and nobody is. */
function codeForm() {
  const form = document.querySelector("#qr form");
  return form?.closest("[data-signed-in]") && !page.token() ? null : form;
}

/** Whether there is a code that nobody has asked for yet. */
const isToAsk = () => Boolean(codeForm()?.matches(".qr-ask"));

/** The page as it is now; with the next code where there is one to be shown. */
function asks() {
  const [form, token] = [codeForm(), page.token()];
  const headers = { accept: "text/html" };
  if (token) headers.authorization = `Bearer ${token}`;
  if (form) return fetch(form.action, { method: "POST", body: new URLSearchParams(), headers, cache: "no-store" });
  const address = new URL(location.href);
  address.pathname = address.pathname.replace(page.path, "$1");
  address.searchParams.delete("done");
  return fetch(address, { headers, cache: "no-store" });
}

/** Asks the server for the page, and shows what has changed. */
export async function refresh() {
  const mine = ++asked;
  const hadForm = Boolean(codeForm());
  const response = await asks().catch(() => null);
  if (mine !== asked) return;
  const text = response?.ok ? await response.text() : null;
  if (mine !== asked) return;
  if (response?.status === 404) return location.reload();
  const fresh = text && new DOMParser().parseFromString(text, "text/html").getElementById(page.id);
  if (fresh) take(fresh);
  if (fresh) page.onDrawn();
  // There is a code to be shown by now; one that was asked for and declined is waited for.
  if (!hadForm && isToAsk()) return refresh();
  watchCode(!fresh);
}

function refreshSoon() {
  clearTimeout(settling);
  settling = setTimeout(refresh, SETTLE_MS);
}

/** A new code at half its life; one that could not be renewed in time is crossed out. */
function watchCode(hasFailed) {
  for (const timer of timers.splice(0)) clearTimeout(timer);
  if (hasFailed) timers.push(setTimeout(refresh, AGAIN_MS));
  if (!hasFailed && isToAsk()) timers.push(setTimeout(refresh, DECLINED_MS));
  const section = document.querySelector("#qr[data-seconds]");
  if (!section) return;
  const left = Number(section.dataset.seconds) * 1000;
  section.endsAt ??= performance.now() + left;
  if (!hasFailed) timers.push(setTimeout(refresh, Math.max(left / 2, AGAIN_MS)));
  timers.push(setTimeout(() => showGone(section), Math.max(section.endsAt - performance.now(), 0)));
}

function showGone(section) {
  section.classList.add("is-gone");
  section.querySelector(".qr-fresh").hidden = true;
  section.querySelector(".qr-gone").hidden = false;
}

function showState(state) {
  const pulse = at("pulse");
  pulse.hidden = false;
  pulse.dataset.state = state;
  pulse.textContent = pulse.dataset[state];
}

/**
 * Follows the page below `/{letter}/{token}` whose `main` has that id. `isNews(told, drawn)` says of
 * what the subscription `document` gives, beside the data of what is drawn, whether to ask again;
 * `onDrawn` is called after that. `token()` gives the access token of who is signed in, for pages that show them more.
 */
export function livePage({ letter, id, document: subscription, isNews, onDrawn = () => {}, token: tokenOf = () => null }) {
  page = { id, path: new RegExp(`(/${letter}/[^/]+).*`), onDrawn, token: tokenOf };
  const [, token] = location.pathname.match(new RegExp(`/${letter}/([^/]+)`));
  const live = new Live(null, showState);
  live.subscribe(subscription, () => ({ token }), (data) => {
    const [told] = Object.values(data);
    if (told.code || isNews(told, at(id).dataset)) refreshSoon();
  });
  document.addEventListener("visibilitychange", () => document.hidden || refresh());
  addEventListener("pageshow", (event) => event.persisted && refresh());
  resume();
}

/** Asks for the code of what is drawn now, or watches the one on it. */
export function resume() {
  if (isToAsk()) refresh();
  else watchCode(false);
}
