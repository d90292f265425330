// Makes the booking's page live. The server draws it, with scripts or without; here it is only
// asked for again when the subscription says that something happened, or a code grows old. Where
// there is a code to be shown, it is asked for by the page's own form: looking at a page makes none.

import { at } from "../shared/elements.js";
import { Live } from "../shared/client.js";
import { BOOKING } from "./queries.js";

const AGAIN_MS = 5_000;
const DECLINED_MS = 30_000;
const SETTLE_MS = 150;

const [, token] = location.pathname.match(/\/b\/([^/]+)/);
const pulse = at("pulse");
let timers = [];
let settling = null;
let asked = 0;

/** Takes over the sections that differ; one that somebody is typing in stays as it is. */
function take(fresh) {
  const present = at("booking");
  const typing = document.activeElement?.matches("input") ? document.activeElement.closest("section") : null;
  const sections = [...fresh.children].map((section) => {
    const old = section.getAttribute("aria-labelledby") &&
      present.querySelector(`:scope > [aria-labelledby="${section.getAttribute("aria-labelledby")}"]`);
    return old && (old === typing || old.isEqualNode(section)) ? old : section;
  });
  const focused = document.activeElement?.closest("#booking") ? document.activeElement : null;
  const isSame = sections.length === present.children.length && sections.every((section, i) => section === present.children[i]);
  Object.assign(present.dataset, fresh.dataset);
  if (!isSame) present.replaceChildren(...sections);
  if (focused?.isConnected) focused.focus({ preventScroll: true });
}

/** The page as it is now; with the next code where there is one to be shown. */
function asks() {
  const headers = { accept: "text/html" };
  const form = document.querySelector("#qr form");
  if (form) return fetch(form.action, { method: "POST", body: new URLSearchParams(), headers, cache: "no-store" });
  const address = new URL(location.href);
  address.pathname = address.pathname.replace(/(\/b\/[^/]+).*/, "$1");
  address.searchParams.delete("done");
  return fetch(address, { headers, cache: "no-store" });
}

async function refresh() {
  const mine = ++asked;
  const response = await asks().catch(() => null);
  if (mine !== asked) return;
  const page = response?.ok ? new DOMParser().parseFromString(await response.text(), "text/html") : null;
  if (mine !== asked) return;
  if (response?.status === 404) return location.reload();
  const fresh = page?.getElementById("booking");
  if (fresh) take(fresh);
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
  if (!hasFailed && document.querySelector("#qr .qr-ask")) timers.push(setTimeout(refresh, DECLINED_MS));
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
  pulse.hidden = false;
  pulse.dataset.state = state;
  pulse.textContent = pulse.dataset[state];
}

const live = new Live(null, showState);
live.subscribe(BOOKING, () => ({ token }), ({ bookingByLink: told }) => {
  if (told.code || told.version !== Number(at("booking").dataset.version) || told.at) refreshSoon();
});
document.addEventListener("visibilitychange", () => document.hidden || refresh());
addEventListener("pageshow", (event) => event.persisted && refresh());
if (document.querySelector("#qr .qr-ask")) refresh();
else watchCode(false);
