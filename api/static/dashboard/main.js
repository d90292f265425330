// The dashboard: joins the place's plan, its live occupancy, its history and its devices.

import { showAlarms, showTitles } from "./alarms.js";
import { drawChart } from "./chart.js";
import { at } from "../shared/elements.js";
import { Live, query } from "../shared/client.js";
import { Session } from "../shared/session.js";
import { followTheme } from "../shared/theme.js";
import { showHealth } from "./health.js";
import { Plan } from "./plan.js";
import * as q from "./queries.js";
import { clockTime, language, setLanguage, t, translate } from "./words.js";

const STATUSES = ["AVAILABLE", "RESERVED", "OCCUPIED", "CLOSED", "UNKNOWN"];
const HISTORY_REFRESH_MS = 60_000;
const CLOCK_MS = 10_000;
const DAY_MS = 86_400_000;

const view = {
  place: null, // what the place query answered
  spaces: new Map(), // by id: plan, attributes and live state
  version: null,
  update: null, // the newest counts and state
  levels: [],
  level: null,
  chosen: null,
  devices: null,
  alarms: null, // null: not for this viewer to see
  titles: null,
  buckets: [],
  liveState: "connecting",
  lostAt: null,
};

const session = new Session(() => reconnect());
let live = null;
let subscriptions = [];
const plan = new Plan(at("plan"), (id) => choose(id));

// ---- what is shown -------------------------------------------------------------------------

function showPulse() {
  const pill = at("pulse");
  const since = view.lostAt && clockTime(view.lostAt, Intl.DateTimeFormat().resolvedOptions().timeZone);
  pill.dataset.state = view.liveState;
  pill.textContent =
    view.liveState === "live" ? t("live") : view.lostAt ? t("stale", { time: since }) : t("connecting");
  document.body.classList.toggle("is-stale", view.liveState !== "live" && view.lostAt !== null);
  at("stale-note").hidden = view.liveState === "live" || view.lostAt === null;
}

function showCounts() {
  if (!view.update) return;
  const { counts, state } = view.update;
  at("state").textContent = t(state === "CLOSED" ? "CLOSED" : state);
  at("state").dataset.state = state;
  for (const status of STATUSES) {
    const tile = document.querySelector(`.tile[data-status="${status}"]`);
    tile.querySelector("b").textContent = counts[status.toLowerCase()];
    tile.querySelector("i").textContent = t(`letter_${status}`);
  }
  at("total").textContent = t("total", { n: counts.total });
}

function showClock() {
  if (!view.place) return;
  const time = clockTime(new Date().toISOString(), view.place.timeZone);
  at("local-time").textContent = t("localTime", { time });
}

function showLevels() {
  const tabs = view.levels.map((level) => {
    const tab = Object.assign(document.createElement("button"), { type: "button", textContent: level.name });
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-selected", String(level.id === view.level));
    tab.addEventListener("click", () => showLevel(level.id));
    return tab;
  });
  at("levels").replaceChildren(...tabs);
  at("levels").hidden = tabs.length < 2;
}

function showLevel(id) {
  view.level = id;
  showLevels();
  plan.draw([...view.spaces.values()].filter((space) => levelOf(space) === id));
}

function levelOf(space) {
  if (view.levels.length < 2) return view.levels[0]?.id ?? null;
  return view.levelBySubplace.get(space.subplaceId) ?? view.levels[0].id;
}

function showDetail() {
  const space = view.spaces.get(view.chosen);
  at("detail").hidden = !space;
  at("detail-hint").hidden = Boolean(space);
  if (!space) return;
  const { isEv, isAccessible, heightMaxMetres } = space.attributes;
  const traits = [isEv && t("ev"), isAccessible && t("accessible"), heightMaxMetres && t("height", { m: heightMaxMetres })];
  const rows = [
    ["observed", clockTime(space.observedAt, view.place.timeZone)],
    ["source", t(space.source)],
    ["service", t(space.service)],
    ["claim", t(space.claim)],
    ["lock", t(space.lock)],
    ["attributes", traits.filter(Boolean).join(", ") || "–"],
  ];
  at("detail-title").textContent = `${space.number} · ${t(space.status)}`;
  at("detail-title").dataset.status = space.status;
  at("detail-rows").replaceChildren(
    ...rows.flatMap(([key, value]) => [
      Object.assign(document.createElement("dt"), { textContent: t(key) }),
      Object.assign(document.createElement("dd"), { textContent: value }),
    ]),
  );
}

function showWork() {
  at("alarms-card").hidden = view.alarms === null;
  at("titles-card").hidden = view.titles === null;
  const { timeZone } = view.place;
  showAlarms(at("alarms"), view.alarms ?? [], timeZone, (id) => act(q.ACKNOWLEDGE, { id }));
  showTitles(at("titles"), view.titles ?? [], timeZone, {
    approve: (id) => act(q.APPROVE_TITLE, { id }).then(loadTitles),
    decline: (id, reason) => act(q.DECLINE_TITLE, { id, reason }).then(loadTitles),
  });
}

async function act(document, variables) {
  try {
    const key = crypto.randomUUID();
    const [answer] = Object.values(await query(document, { ...variables, key }, session.token));
    if (answer.code) throw new Error(answer.message);
    at("problem").hidden = true;
  } catch (error) {
    fail(error);
  }
}

function choose(id) {
  view.chosen = id;
  showDetail();
}

function showAll() {
  translate();
  showPulse();
  showCounts();
  showClock();
  showDetail();
  if (view.place) {
    showLevel(view.level);
    drawChart(at("history"), view.buckets, view.place.timeZone);
    showHealth(at("health"), view.devices, view.place.timeZone);
    showWork();
  }
}

function fail(error) {
  at("problem").hidden = false;
  at("problem-text").textContent = t("failed", { reason: error.message });
}

// ---- what is known -------------------------------------------------------------------------

async function allPages(document, variables, pick) {
  const nodes = [];
  for (let after = null; ; ) {
    const page = pick(await query(document, { ...variables, after }, session.token));
    if (!page) return null;
    nodes.push(...page.nodes);
    if (!page.pageInfo.hasNextPage) return nodes;
    after = page.pageInfo.endCursor;
  }
}

async function loadPlaces(text = null) {
  const { places } = await query(q.PLACES, { text: text || null }, session.token);
  const options = places.nodes.map((place) => new Option(place.name, place.id));
  at("place").replaceChildren(...options);
  at("search-box").hidden = !places.pageInfo.hasNextPage && !text;
  return places.nodes;
}

async function loadPlan(placeId) {
  const { place } = await query(q.PLACE, { id: placeId }, session.token);
  if (!place) throw new Error(t("notFound"));
  const spaces = [...place.spaces.nodes];
  for (let page = place.spaces.pageInfo; page.hasNextPage; ) {
    const more = (await query(q.MORE_SPACES, { id: placeId, after: page.endCursor }, session.token)).place.spaces;
    spaces.push(...more.nodes);
    page = more.pageInfo;
  }
  const blank = { status: "UNKNOWN", source: "NONE", service: "OPEN", claim: "NONE", lock: "UNKNOWN", observedAt: null };
  const known = view.place?.id === place.id ? view.spaces : new Map();
  view.place = place;
  view.spaces = new Map(spaces.map((space) => [space.id, { ...blank, ...known.get(space.id), ...space }]));
  view.levels = place.subplaces
    .filter((subplace) => subplace.kind === "FLOOR_OR_LEVEL")
    .sort((a, b) => b.level - a.level || a.position - b.position);
  view.levelBySubplace = levelsBySubplace(place.subplaces);
  if (!view.levels.some((level) => level.id === view.level)) view.level = nearestToGround(view.levels);
  at("place-name").textContent = place.name;
  at("address").textContent = place.address;
}

function nearestToGround(levels) {
  const [nearest] = [...levels].sort((a, b) => Math.abs(a.level) - Math.abs(b.level));
  return nearest?.id ?? null;
}

// A row or zone belongs to the level with the same number.
function levelsBySubplace(subplaces) {
  const floors = new Map(view.levels.map((floor) => [floor.level, floor.id]));
  return new Map(subplaces.map((s) => [s.id, s.kind === "FLOOR_OR_LEVEL" ? s.id : floors.get(s.level)]));
}

async function loadHistory() {
  const place = view.place;
  const ends = Date.now();
  const times = { startsAt: new Date(ends - DAY_MS).toISOString(), endsAt: new Date(ends).toISOString() };
  const answer = await query(q.HISTORY, { id: place.id, ...times }, session.token);
  if (view.place !== place) return;
  view.buckets = answer.place?.occupancyHistory.buckets ?? [];
  drawChart(at("history"), view.buckets, place.timeZone);
}

async function loadDevices() {
  const place = view.place;
  const found = await allPages(q.DEVICES, { placeId: place.id }, (data) => data.devices);
  if (view.place !== place) return;
  view.devices = found && new Map(found.map((device) => [device.id, device]));
  showHealth(at("health"), view.devices, place.timeZone);
  if (view.devices) follow(q.DEVICE_HEALTH, () => ({ placeId: place.id }), takeHealth);
}

function takeAlarms({ alarms: update }) {
  view.alarms = update.code ? null : update.alarms;
  showWork();
}

// Titles are decided by who runs the place.
async function loadTitles() {
  const found = view.place;
  const { place, viewer } = await query(q.STANDING, { id: found.id }, session.token);
  const runs = (viewer?.memberships ?? []).some(
    ({ organisation, roles }) => organisation.id === place?.organisation?.id && roles.includes("OPERATOR"),
  );
  const titles = runs ? (await query(q.TITLES, { placeId: found.id }, session.token)).titles.nodes : null;
  if (view.place !== found) return;
  view.titles = titles;
  showWork();
}

function takeHealth({ deviceHealth }) {
  for (const { deviceId, ...health } of deviceHealth.devices ?? []) {
    const device = view.devices?.get(deviceId);
    if (device) device.health = health;
  }
  showHealth(at("health"), view.devices, view.place.timeZone);
}

// ---- live ----------------------------------------------------------------------------------

function follow(document, variables, onNext) {
  const subscription = live.subscribe(document, variables, onNext, fail);
  subscriptions.push(subscription);
  return subscription;
}

function takeOccupancy({ placeOccupancy: update }) {
  if (update.code) return fail(update);
  if (update.kind === "DELTA" && update.previousVersion !== view.version) return startAgain();
  const isNew = update.spaces.some((space) => !view.spaces.has(space.spaceId));
  const isGone = update.kind === "SNAPSHOT" && update.spaces.length !== view.spaces.size;
  view.version = update.version;
  view.update = update;
  for (const { spaceId, ...state } of update.spaces) {
    const space = view.spaces.get(spaceId);
    if (!space) continue;
    Object.assign(space, state);
    plan.update(space);
  }
  showCounts();
  showDetail();
  if (isNew || isGone) loadPlan(view.place.id).then(() => showLevel(view.level)).catch(fail);
}

// A version was missed: say so by asking for everything again.
function startAgain() {
  view.version = null;
  const index = subscriptions.findIndex((subscription) => subscription.isOccupancy);
  subscriptions.splice(index, 1)[0]?.stop();
  followOccupancy();
}

function followOccupancy() {
  const variables = () => ({ placeId: view.place.id, after: view.version });
  follow(q.OCCUPANCY, variables, takeOccupancy).isOccupancy = true;
}

function followAlarms() {
  follow(q.ALARMS, () => ({ placeId: view.place.id }), takeAlarms);
}

function reconnect() {
  live?.close();
  live = new Live(session.token, (state) => {
    if (state === "live") view.lostAt = null;
    else if (state === "offline") view.lostAt ??= new Date().toISOString();
    view.liveState = state;
    showPulse();
  });
  subscriptions = [];
  if (!view.place) return;
  followOccupancy();
  if (session.token) followAlarms();
  if (view.devices) follow(q.DEVICE_HEALTH, () => ({ placeId: view.place.id }), takeHealth);
}

async function show(placeId) {
  at("problem").hidden = true;
  for (const subscription of subscriptions.splice(0)) subscription.stop();
  Object.assign(view, { version: null, update: null, chosen: null, devices: null, alarms: null, titles: null, buckets: [], level: null });
  await loadPlan(placeId);
  at("place").value = placeId;
  history.replaceState(null, "", `?place=${encodeURIComponent(placeId)}`);
  at("view").hidden = false;
  showAll();
  followOccupancy();
  if (session.token) followAlarms();
  await Promise.all([loadHistory(), loadDevices(), session.token && loadTitles()]);
}

// ---- start ---------------------------------------------------------------------------------

function listen() {
  at("place").addEventListener("change", (event) => show(event.target.value).catch(fail));
  at("search").addEventListener("input", (event) => loadPlaces(event.target.value).catch(fail));
  at("language").addEventListener("click", () => (setLanguage(language === "en" ? "zh" : "en"), showAll()));
  at("retry").addEventListener("click", () => location.reload());
  at("detail-close").addEventListener("click", () => choose(null));
  at("sign-out").addEventListener("click", () => session.signOut().then(() => location.reload()));
  new ResizeObserver(() => view.place && drawChart(at("history"), view.buckets, view.place.timeZone)).observe(at("history"));
  setInterval(showClock, CLOCK_MS);
  setInterval(() => view.place && loadHistory().catch(() => {}), HISTORY_REFRESH_MS);
}

async function start() {
  followTheme(at("theme"));
  setLanguage(language);
  translate();
  listen();
  const signedIn = await session.start();
  at("sign-in").hidden = signedIn;
  at("sign-out").hidden = !signedIn;
  for (const id of ["owner", "wallet", "close", "rights", "orders", "positions", "refine"]) at(id).hidden = !signedIn;
  reconnect();
  const places = await loadPlaces();
  const wanted = new URLSearchParams(location.search).get("place");
  if (wanted || places.length) return show(wanted ?? places[0].id);
  at("empty").hidden = false;
}

start().catch(fail);
