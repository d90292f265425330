// The vehicles of whoever is signed in: their codes, and the rights that they hold, live.

import { Live } from "../shared/client.js";
import { at, make, redraw } from "../shared/elements.js";
import { language, t } from "../shared/language.js";
import { Shell } from "../shared/shell.js";
import { countryOptions, ownCountry } from "./countries.js";
import * as q from "./queries.js";
import { vehicleRow } from "./rows.js";
import "./words.js";

const HOUR_MS = 3_600_000;
const known = { vehicles: null, places: [], shown: null };
const shell = new Shell(show);
let live = null;

// ---- what is shown -------------------------------------------------------------------------

/** A code that was just made; it stays until the reader says that it is noted. */
function newCode() {
  if (!known.shown) return [];
  const done = () => {
    known.shown = null;
    show();
  };
  const { plate, code } = known.shown;
  return [make(
    "div", { class: "new-code" },
    make("h3", {}, t("newCode", { plate })),
    make("output", {}, code),
    make("p", {}, make("strong", {}, t("shownOnce"))),
    make("p", { class: "actions" }, make("button", { type: "button", class: "primary", onclick: done }, t("noted"))),
  )];
}

function show() {
  if (!known.vehicles) return;
  at("view").hidden = false;
  const chosen = at("country").value || ownCountry();
  at("country").replaceChildren(...countryOptions(chosen));
  redraw(at("new-code"), () => at("new-code").replaceChildren(...newCode()), [known.shown, language]);
  redraw(at("vehicles"), () => at("vehicles").replaceChildren(...rows()), [known.vehicles, known.places, language]);
}

function rows() {
  if (!known.vehicles.length) return [make("li", { class: "note" }, t("noVehicles"))];
  return [make("li", { class: "note" }, t("codeAbout")), ...known.vehicles.map((each) => vehicleRow(each, known.places, acts))];
}

// ---- what can be done ----------------------------------------------------------------------

async function refresh() {
  known.vehicles = (await shell.ask(q.VEHICLES)).viewer.vehicles.nodes;
  show();
}

/** Runs a mutation; the forms that led to it are closed when it is done. */
async function change(document, variables) {
  const done = await shell.act(document, variables).catch(shell.fail);
  if (done) for (const each of at("vehicles").querySelectorAll("details[open]")) each.open = false;
  await refresh().catch(shell.fail);
  return done;
}

const acts = {
  rename: (id, name) => change(q.RENAME, { id, name }),
  remove: (id) => change(q.REMOVE, { id }),
  deleteCode: (id) => change(q.DELETE_CODE, { id }),
  askProof: (id, place, document) => change(q.ASK_PROOF, { id, place, document }),
  transfer: (id, code) => change(q.TRANSFER, { id, code }),
  async enter(vehicle, place, hours) {
    const until = new Date(Date.now() + hours * HOUR_MS).toISOString();
    const done = await change(q.ENTER, { vehicle, place, until });
    if (done) location.assign(`.${done.reservation.link}`);
  },
  async setCode(id, word) {
    const done = await change(q.SET_CODE, { id, word });
    if (!done?.vehicleCode) return;
    known.shown = { plate: known.vehicles.find((each) => each.id === id).plate, code: done.vehicleCode };
    show();
    at("new-code").scrollIntoView({ block: "center" });
  },
};

async function enrol(event) {
  event.preventDefault();
  const { country, plate, name } = event.target.elements;
  const done = await change(q.ENROL, { country: country.value, plate: plate.value, name: name.value });
  at("add-note").textContent = done ? t("added") : "";
  if (done) plate.value = name.value = "";
}

// ---- start ---------------------------------------------------------------------------------

function follow() {
  live?.close();
  live = new Live(shell.session.token, shell.showState);
  live.subscribe(q.RIGHTS_LIVE, () => ({}), () => refresh().catch(shell.fail), shell.fail);
}

async function start() {
  if (!(await shell.start())) return;
  shell.onRenewed = follow;
  at("add").addEventListener("submit", (event) => enrol(event).catch(shell.fail));
  known.places = (await shell.ask(q.PLACES)).places.nodes;
  await refresh();
  follow();
}

start().catch(shell.fail);
