// The page of a secure link works without this. With it what is shown goes blank as soon as the link
// is taken back, expires, or the car is gone; it is in no history, and comes back by no back button.

import { Live } from "../shared/client.js";
import { arrive, post, say, swap } from "../shared/drawn.js";
import { at } from "../shared/elements.js";
import { LINK } from "./queries.js";

const TIMER_MS_MAX = 2 ** 31 - 1;

const [, token] = location.pathname.match(/\/p\/([^/]+)/);
const main = () => document.querySelector("main");
let [live, ending, isBusy] = [null, null, false];

/** Shows nothing any more, but that there is nothing. */
function close() {
  leave();
  const gone = at("gone");
  if (!gone) return;
  at("pulse")?.remove();
  const told = gone.content.cloneNode(true);
  document.title = told.querySelector("h1").textContent;
  main().replaceChildren(told);
}

/** Follows the link no longer. */
function leave() {
  clearTimeout(ending);
  live?.close();
  live = null;
}

function showState(state) {
  const pulse = at("pulse");
  if (!pulse) return;
  pulse.hidden = false;
  pulse.dataset.state = state;
  pulse.textContent = pulse.dataset[state];
}

/** On a connection of its own: one that slept with the phone may have heard nothing. */
function follow() {
  live?.close();
  live = new Live(null, showState);
  live.subscribe(LINK, () => ({ token }), ({ positionLink: told }) => told.state !== "OPEN" && close());
}

/** At its time the page closes by itself, connection or not; a clock that was asleep is asked again. */
function closeAt(endsAt) {
  clearTimeout(ending);
  const left = endsAt - Date.now();
  if (left <= 0) close();
  else ending = setTimeout(closeAt, Math.min(left, TIMER_MS_MAX), endsAt);
}

function watch() {
  const seconds = main().dataset.seconds;
  if (seconds === undefined) return leave();
  main().endsAt = Date.now() + Number(seconds) * 1000;
  closeAt(main().endsAt);
  follow();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!("open" in form.dataset)) return;
  event.preventDefault();
  if (isBusy) return; // a second touch is no second look
  isBusy = true;
  at("progress").textContent = main().dataset.working;
  post(form)
    .then(({ page }) => {
      swap(page);
      watch();
      arrive();
    })
    .catch(() => say(main().dataset.away))
    .finally(() => (isBusy = false));
});

document.addEventListener("visibilitychange", () => {
  if (document.hidden || !live) return;
  closeAt(main().endsAt);
  if (live) follow();
});
// What a browser keeps for its back button is blank, and asks the server anew.
addEventListener("pagehide", () => {
  leave();
  main().replaceChildren();
});
addEventListener("pageshow", (event) => event.persisted && location.reload());

watch();
