// Lets who is signed in answer an invitation; who only reads it needs no script.

import { query } from "../shared/client.js";
import { at } from "../shared/elements.js";
import { startSigned } from "../shared/signed_forms.js";
import { POSITIONS } from "./queries.js";

const MINUTE_MS = 60_000;

/** An instant as a field of this browser's local time holds it. */
function localValue(iso) {
  const then = new Date(iso);
  return new Date(then - then.getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 16);
}

/** Times that belong to no place are told in the reader's own. */
function showTimes() {
  const { lang } = document.documentElement;
  const style = { dateStyle: "medium", timeStyle: "short" };
  for (const time of document.querySelectorAll("time[data-local]"))
    time.textContent = new Date(time.dateTime).toLocaleString(lang === "en" ? "en-GB" : lang, style);
}

/** Only what belongs to the chosen reach is asked. */
function showReach() {
  const chosen = document.querySelector("input[name=scope]:checked")?.value;
  for (const part of document.querySelectorAll("[data-of]")) {
    part.hidden = part.dataset.of !== chosen;
    for (const field of part.querySelectorAll("input, select")) {
      field.disabled = part.hidden;
      field.required = !part.hidden;
    }
  }
}

const nameOf = ({ title, placeName, newest: { floor, area, bay } }) =>
  title || [placeName, floor, area, bay].filter(Boolean).join(" · ");

async function fillPositions(token) {
  const select = at("position");
  if (!select || select.options.length) return;
  const { viewer } = await query(POSITIONS, {}, token);
  for (const each of viewer.positions.nodes) select.add(new Option(nameOf(each), each.id));
  select.value = select.dataset.chosen || select.options[0]?.value;
  select.hidden = !select.options.length;
  at("no-positions").hidden = !select.hidden;
}

async function show(token) {
  showTimes();
  const until = at("until");
  if (until?.dataset.instant) until.value = localValue(until.dataset.instant);
  showReach();
  await fillPositions(token);
}

document.addEventListener("change", (event) => event.target.name === "scope" && showReach());
showTimes();
startSigned(show);
