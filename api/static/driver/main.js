// The pages behind a grant code and an exit code work without this. With it a signed-in driver
// chooses a vehicle instead of typing its code, a code that works only near its place learns where
// the phone is, and a price at the exit stays the present one. The server draws the page, always.

import { query } from "../shared/client.js";
import { arrive, post, say, swap } from "../shared/drawn.js";
import { make } from "../shared/elements.js";
import { Session } from "../shared/session.js";
import { VEHICLES } from "./queries.js";

const TOO_OFTEN = 429;
const POSITION = { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 };

const session = new Session(() => {});
const main = () => document.querySelector("main.driver");
let vehicles = [];
let renewing = null;
let isBusy = false;

// ---- choosing a vehicle --------------------------------------------------------------------

/** Puts a list of the driver's vehicles above the field for a code, which is then for others. */
function offerVehicles() {
  const field = document.querySelector("[data-vehicle]");
  if (!field || !vehicles.length || field.querySelector("select")) return;
  const byCode = make("div", {}, ...field.childNodes);
  const code = byCode.querySelector("input");
  const select = make("select", { id: "vehicle", name: "vehicle" });
  for (const { id, plate, name } of vehicles) select.add(new Option(name ? `${plate} · ${name}` : plate, id));
  select.add(new Option(field.dataset.other, ""));
  const wasTyped = code.value !== "" || field.dataset.chosen === "";
  select.value = field.dataset.chosen ?? (wasTyped ? "" : vehicles[0].id);
  const show = () => {
    byCode.hidden = select.value !== "";
    code.disabled = byCode.hidden;
  };
  select.addEventListener("change", () => {
    show();
    if (!code.disabled) code.focus();
  });
  field.replaceChildren(make("label", { for: "vehicle" }, field.dataset.label), select, byCode);
  show();
}

// ---- sending a form, and taking over the page that answers it ------------------------------

const position = () =>
  new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition(resolve, reject, POSITION));

/** Shows the page instead of the present one; `isQuiet` leaves the reader where they are. */
function take(page, isQuiet = false) {
  swap(page);
  offerVehicles();
  renewSoon();
  if (!isQuiet) arrive();
}

async function send(form) {
  const body = new URLSearchParams(new FormData(form));
  const progress = document.getElementById("progress");
  if (progress) progress.textContent = form.dataset.wait ?? main()?.dataset.working;
  if ("position" in form.dataset) {
    const found = await position().catch(() => null);
    if (!found) return say(form.dataset.denied);
    body.set("latitude", found.coords.latitude);
    body.set("longitude", found.coords.longitude);
  }
  take((await post(form, body, session.token)).page);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || (!session.token && !("position" in form.dataset))) return;
  event.preventDefault();
  if (isBusy) return; // a second touch is no second form
  isBusy = true;
  send(form).catch(() => say(main().dataset.away)).finally(() => (isBusy = false));
});

// ---- what is asked for again, while somebody looks -----------------------------------------

const forms = (root) => [...root.querySelectorAll("main form")].map((form) => form.getAttribute("action")).join();

/** Takes over the parts that change by themselves; all of it if the page is another one by now. */
function takeParts(page) {
  const [old, fresh] = [document, page].map((root) => [...root.querySelectorAll("[data-live]")]);
  if (forms(document) !== forms(page) || old.length !== fresh.length) return take(page, true);
  old.forEach((part, i) => part.isEqualNode(fresh[i]) || part.replaceWith(document.adoptNode(fresh[i])));
  renewSoon();
}

function renewSoon() {
  clearTimeout(renewing);
  const part = document.querySelector("[data-renew-seconds]");
  if (part) renewing = setTimeout(renew, Number(part.dataset.renewSeconds) * 1000);
}

async function renew() {
  const form = document.querySelector("form[data-renew]");
  if (!form || document.hidden || isBusy) return renewSoon();
  const answer = await post(form, undefined, session.token).catch(() => null);
  const isTold = answer && answer.status !== TOO_OFTEN && form.isConnected && !isBusy;
  if (isTold) takeParts(answer.page);
  else renewSoon();
}

document.addEventListener("visibilitychange", () => !document.hidden && document.querySelector("[data-renew-seconds]") && renew());

renewSoon();
if (await session.start()) {
  const { viewer } = await query(VEHICLES, {}, session.token);
  vehicles = viewer.vehicles.nodes;
  offerVehicles();
}
