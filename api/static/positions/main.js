// Where the cars of whoever is signed in stand, for whom they choose; and what others show to them.

import { Live } from "../shared/client.js";
import { at, make, redraw } from "../shared/elements.js";
import { sure } from "../shared/folds.js";
import { save } from "../shared/files.js";
import { clockTime, language, t } from "../shared/language.js";
import { Shell } from "../shared/shell.js";
import { whereText } from "../shared/where.js";
import { OwnCard, ShownCard, formerRow, place } from "./card.js";
import { Recording } from "./changing.js";
import { delegationRow, isLiveExit } from "./fetching.js";
import { HERE, dropPictures, keepAddresses } from "./parts.js";
import * as q from "./queries.js";
import { Inviting, bindingRow, isLive } from "./sharing.js";
import "./words.js";

const SETTLE_MS = 250;
const LOOK_AGAIN_MS = 60_000;
const PAGES_MAX = 20;
const EXPORT = new URL("../../positions/export.zip", import.meta.url);

const known = { name: "", places: [], bookings: [], bindings: [], fetching: [], former: [] };
const positions = new Map();
const shell = new Shell(showAnew);
const ctx = { shell, known, change, record, revise, spell };
let cards = new Map();
let [live, recording, inviting, settling] = [null, null, null, null];
let [asked, exits, hasAll] = [new Map(), new Map(), false];

// ---- what is shown -------------------------------------------------------------------------

/** A booking in one line. */
function spell({ place: where, space, startsAt, endsAt }) {
  const zone = where?.timeZone ?? HERE;
  const times = t("fromTo", { from: clockTime(startsAt, zone), to: clockTime(endsAt, zone) });
  return [where?.name, space && t("bayIs", { bay: space.number }), times].filter(Boolean).join(" · ");
}

function cardOf(position) {
  if (!cards.has(position.id)) cards.set(position.id, position.isOwn ? new OwnCard(position.id, ctx) : new ShownCard(position.id));
  const card = cards.get(position.id);
  card.show(position);
  return card;
}

const newestFirst = (one, other) => other.createdAt.localeCompare(one.createdAt);

function show() {
  if (!hasAll) return;
  at("view").hidden = false;
  const all = [...positions.values()].sort(newestFirst);
  const [own, shown] = [all.filter(({ isOwn }) => isOwn), all.filter(({ isOwn }) => !isOwn)];
  place(at("own"), own.map(cardOf), t("noneKept"));
  place(at("shown"), shown.map(cardOf), t("noneShown"));
  recording.offerPlaces(known.places);
  recording.offer(known.bookings.filter(({ id }) => !own.some(({ reservation }) => reservation?.id === id)));
  showAside();
}

const rows = (drawn, none) => (drawn.length ? drawn : [make("li", { class: "note" }, none)]);

function showAside() {
  const [alive, past] = [known.bindings.filter(isLive), known.bindings.filter((each) => !isLive(each))];
  redraw(at("people"), () => at("people").replaceChildren(...rows(alive.map((each) => bindingRow(each, ctx, "people")), t("noPeople"))), [alive, language]);
  redraw(at("past-people"), () => at("past-people").replaceChildren(...past.map((each) => bindingRow(each, ctx, "past"))), [past, language]);
  at("past").hidden = !past.length;
  const others = known.fetching.filter(({ isOwn }) => !isOwn);
  at("fetch-card").hidden = !others.length;
  redraw(at("fetch"), () => at("fetch").replaceChildren(...others.map((each) => delegationRow(each, ctx))), [others, language]);
  const { former } = known;
  at("former-card").hidden = !former.length;
  redraw(at("former"), () => at("former").replaceChildren(...former.map((each) => formerRow(each, whereText, ctx))), [former, language]);
}

/** All forms and words in the present language. */
function showAnew() {
  if (!shell.session.token) return;
  cards = new Map();
  const isOpen = recording?.element.open ?? false;
  const wanted = recording?.booking.value ?? new URLSearchParams(location.search).get("reservation") ?? undefined;
  [recording, inviting] = [new Recording(ctx), new Inviting("people", ctx)];
  recording.element.open = isOpen;
  recording.offer(known.bookings, wanted);
  at("recording").replaceChildren(recording.element);
  at("inviting").replaceChildren(inviting.element);
  at("erasing").replaceChildren(sure("erase-all", t("eraseAll"), t("eraseAllNote"), () => change(null, q.ERASE_ALL)));
  show();
}

// ---- what is known -------------------------------------------------------------------------

/** Nothing of it is left on the page, at once: it has ended, or is shown to the reader no more. */
function forget(id) {
  asked.set(id, (asked.get(id) ?? 0) + 1);
  const gone = positions.get(id);
  if (!gone) return;
  positions.delete(id);
  cards.delete(id);
  dropPictures(id);
  for (const each of document.querySelectorAll(`[data-id="${CSS.escape(id)}"].position`)) each.remove();
  if (!gone.isOwn) at("told").textContent = t("shownNoMore", { name: gone.sharerName || t("somebody") });
  show();
}

/** Only the newest of several questions about a position is heard. */
async function read(id) {
  const turn = (asked.get(id) ?? 0) + 1;
  asked.set(id, turn);
  const { node } = await shell.ask(q.POSITION, { id });
  if (asked.get(id) !== turn) return;
  if (!node || (node.isOwn && node.state !== "ACTIVE")) return forget(id);
  const { photoUploadUrl, ...position } = node;
  keepAddresses([position.newest, ...position.versions]);
  positions.set(id, { ...position, takesPhotos: photoUploadUrl !== null });
  show();
  followExits();
}

async function readAside() {
  const { viewer } = await shell.ask(q.ASIDE);
  Object.assign(known, {
    name: viewer.person?.name ?? "", bindings: viewer.positionBindings.nodes, fetching: viewer.exitDelegations,
    bookings: viewer.reservations.nodes, former: viewer.positions.nodes,
  });
  show();
  followExits();
}

async function readPlaces() {
  for (let [after, page, found] = [null, 0, []]; page < PAGES_MAX; page += 1) {
    const { places } = await shell.ask(q.PLACES, { after });
    found.push(...places.nodes);
    if (!places.pageInfo.hasNextPage) return Object.assign(known, { places: found.sort((one, other) => one.name.localeCompare(other.name)) });
    after = places.pageInfo.endCursor;
  }
}

function lookAgain() {
  if (document.visibilityState !== "visible" || !hasAll) return;
  Promise.all([readAside(), ...[...positions.keys()].map(read)]).catch(shell.fail);
}

function readSoon() {
  clearTimeout(settling);
  settling = setTimeout(() => readAside().catch(shell.fail), SETTLE_MS);
}

async function onTold({ sharedPositions: told }) {
  if (told.code) return shell.fail(new Error(told.message));
  for (const id of told.goneIds) forget(id);
  const ids = told.positions.map(({ id }) => id);
  if (told.kind === "SNAPSHOT") for (const id of [...positions.keys()].filter((each) => !ids.includes(each))) forget(id);
  for (const { reason } of await Promise.allSettled(ids.map(read))) if (reason) shell.fail(reason);
  if (told.kind === "SNAPSHOT") begin();
  else readSoon();
}

/** The first time that all is known. */
function begin() {
  if (hasAll) return readSoon();
  hasAll = true;
  const wanted = new URLSearchParams(location.search).get("reservation");
  const isKept = [...positions.values()].some(({ isOwn, reservation }) => isOwn && (!wanted || reservation?.id === wanted));
  recording.element.open = !isKept;
  show();
}

/** Rights to fetch a car change without the position: each live one is followed by itself. */
function followExits() {
  if (!live) return;
  const own = [...positions.values()].flatMap(({ id, reservation }) => (reservation?.exitDelegations ?? []).map((each) => [each, id]));
  const others = known.fetching.filter(({ isOwn }) => !isOwn).map((each) => [each, null]);
  const wanted = new Map([...own, ...others].filter(([each]) => isLiveExit(each)).map(([each, id]) => [each.id, id]));
  for (const [id, each] of exits) if (!wanted.has(id)) (each.stop(), exits.delete(id));
  for (const [id, position] of wanted)
    if (!exits.has(id)) exits.set(id, live.subscribe(q.EXIT_LIVE, () => ({ id }), () => (position ? read(position) : readAside()).catch(shell.fail)));
}

function follow() {
  live?.close();
  exits = new Map();
  live = new Live(shell.session.token, shell.showState);
  live.subscribe(q.POSITIONS_LIVE, () => ({}), (data) => onTold(data).catch(shell.fail), shell.fail);
  followExits();
}

// ---- what is done --------------------------------------------------------------------------

/** Runs a mutation, and shows what it changed of a position and beside it; null where it was refused. */
async function change(positionId, document, variables = {}) {
  const done = await shell.act(document, variables).catch(shell.fail);
  const affected = positionId ? [positionId].filter((id) => positions.has(id)) : [...positions.keys()];
  await Promise.all([readAside(), ...affected.map(read)]).catch(shell.fail);
  return done ?? null;
}

/** Sends a photo for a position; its id. */
async function upload(id, file) {
  const { node } = await shell.ask(q.UPLOAD, { id });
  if (!node?.photoUploadUrl) throw new Error(t("noPhotos"));
  at("told").textContent = t("sending");
  const response = await fetch(new URL(`../..${node.photoUploadUrl}`, import.meta.url), { method: "POST", body: file, cache: "no-store" });
  at("told").textContent = "";
  const answer = await response.json().catch(() => ({ message: String(response.status) }));
  if (!response.ok) throw new Error(shell.wordsOf(answer));
  return answer.id;
}

async function record(input, file) {
  const done = await shell.act(q.RECORD, { input }).catch(shell.fail);
  if (!done) return null;
  const { id } = done.position;
  await (file ? revise({ positionId: id, kind: "REFINED" }, file) : read(id).catch(shell.fail));
  await readAside().catch(shell.fail);
  return done;
}

async function revise(input, file) {
  try {
    const photo = file ? { photoId: await upload(input.positionId, file) } : {};
    const done = await shell.act(q.REVISE, { input: { ...input, ...photo } });
    await read(input.positionId);
    return done;
  } catch (error) {
    return shell.fail(error);
  }
}

async function exportAll() {
  const button = at("export");
  button.disabled = true;
  await save(EXPORT, shell.session.token).catch(shell.fail);
  button.disabled = false;
}

// ---- start ---------------------------------------------------------------------------------

async function start() {
  addEventListener("pageshow", (event) => event.persisted && location.reload());
  if (!(await shell.start())) return;
  shell.onRenewed = follow;
  await Promise.all([readAside(), readPlaces()]);
  showAnew();
  follow();
  at("export").addEventListener("click", exportAll);
  document.addEventListener("visibilitychange", lookAgain);
  setInterval(lookAgain, LOOK_AGAIN_MS);
}

start().catch(shell.fail);
