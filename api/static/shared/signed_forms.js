// Forms of a server-drawn page that are sent in the name of who is signed in. What is for them has
// `data-signed-in`, what is for others `data-signed-out`.

import { arrive, post, say, swap } from "./drawn.js";
import { Session } from "./session.js";

const session = new Session(() => {});
let [shown, changed, isBusy] = [() => {}, () => {}, false];

/** The access token of who is signed in; null for nobody. */
export const signedToken = () => session.token;

/** Shows one or the other; to be called when something was drawn. */
export function showSigned() {
  const isIn = Boolean(session.token);
  for (const part of document.querySelectorAll("[data-signed-out]")) part.hidden = isIn;
  for (const part of document.querySelectorAll("[data-signed-in]")) part.hidden = !isIn;
  if (isIn) shown(session.token);
}

/**
 * Finds out who is signed in. `onShown(token)` is called each time that something is shown to them; `onChanged()` when
 * somebody was found to be signed in, and when the answer to a form was put in the page's place.
 */
export async function startSigned(onShown, onChanged = () => {}) {
  [shown, changed] = [onShown, onChanged];
  const isIn = await session.start();
  showSigned();
  if (isIn) changed();
}

/** Fields of a form; a local time of this browser as the instant that it is. */
function sent(form) {
  const body = new URLSearchParams(new FormData(form));
  for (const { name, value, disabled } of form.querySelectorAll("input[type=datetime-local]"))
    if (value && !disabled) body.set(name, new Date(value).toISOString());
  return body;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.closest("[data-signed-in]")) return;
  event.preventDefault();
  if (isBusy) return; // a second touch is no second form
  isBusy = true;
  post(form, sent(form), session.token)
    .then(({ page }) => {
      swap(page);
      showSigned();
      arrive();
      changed();
    })
    .catch(() => say(document.querySelector("main").dataset.away))
    .finally(() => (isBusy = false));
});
