// The owner's page: what is offered, booked and earned, for the organisation that lets the spaces.

import { Live, query } from "../shared/client.js";
import { at, redraw } from "../shared/elements.js";
import { Session } from "../shared/session.js";
import { followTheme } from "../shared/theme.js";
import { drawWeek, weekName } from "./calendar.js";
import { earningsOf } from "./earnings.js";
import { loadMoney, MONEY_LIVE, showMoney, startMoney } from "./money.js";
import * as q from "./queries.js";
import {
  accessTable, bookingsTable, earningsTables, exceptionsList, listingRow, requestRow, titleRows, whereOf,
} from "./rows.js";
import { addDays, instantOf, mondayOf } from "./week.js";
import { language, setLanguage, t, translate } from "./words.js";

const LET_BY = ["OWNER", "OPERATOR"];
const LIVE_STATES = ["REQUESTED", "PENDING_PAYMENT", "CONFIRMED", "ACTIVE"];
const PAGES_MAX = 20;
const SETTLE_MS = 250;

const view = {
  organisations: [],
  organisation: null,
  listings: [],
  titles: [],
  listing: null,
  weeks: 0,
  openings: [],
  inWeek: [],
  bookings: [],
  events: [],
  sessions: [],
  liveState: "connecting",
};

const session = new Session(() => follow());
let live = null;
let settling = null;

// ---- what is shown -------------------------------------------------------------------------

const chosen = () => view.listings.find(({ id }) => id === view.listing) ?? null;
const zone = () => chosen()?.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
const monday = () => addDays(mondayOf(new Date(), zone()), view.weeks * 7);

function showPulse() {
  at("pulse").dataset.state = view.liveState;
  at("pulse").textContent = t(view.liveState);
}

function showListings() {
  const rows = view.listings.map((listing) => listingRow(listing, listing.id === view.listing, { choose, change, download }));
  at("listings").replaceChildren(...rows, ...titleRows(view.titles));
  at("no-listings").hidden = rows.length > 0;
}

function showCalendar() {
  const listing = chosen();
  at("week-name").textContent = weekName(monday());
  const bookings = view.inWeek
    .filter(({ listingId }) => listingId === listing?.id)
    .map((booking) => ({ ...booking, title: whereOf(booking).number }));
  drawWeek(at("calendar"), { openings: view.openings, bookings, monday: monday(), timeZone: zone() });
  at("exceptions").replaceChildren(exceptionsList(listing?.exceptions ?? []) ?? "");
}

function showBookings() {
  const asked = view.bookings.filter(({ state }) => state === "REQUESTED");
  at("requests-card").hidden = asked.length === 0;
  redraw(at("requests"), () => {
    at("requests").replaceChildren(...asked.map((booking) => requestRow(booking, { accept, decline })));
  });
  redraw(at("bookings"), () => at("bookings").replaceChildren(bookingsTable(view.bookings, cancel)));
}

function showAll() {
  translate();
  showPulse();
  showListings();
  showBookings();
  at("access").replaceChildren(accessTable(view.events));
  at("earnings").replaceChildren(earningsTables(earningsOf(view.sessions)));
  if (!at("view").hidden) showMoney();
  if (!at("view").hidden) showCalendar();
}

function fail(error) {
  at("problem").hidden = false;
  at("problem-text").textContent = t("failed", { reason: error.message });
}

function showEmpty(key) {
  at("empty").dataset.t = key;
  at("empty").textContent = t(key);
  at("empty").hidden = false;
  at("view").hidden = true;
}

// ---- what is known -------------------------------------------------------------------------

const ask = (document, variables) => query(document, variables, session.token);

async function allBookings(document, filter) {
  const nodes = [];
  let after = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { node } = await ask(document, { id: view.organisation, filter, after });
    nodes.push(...node.reservations.nodes);
    if (!node.reservations.pageInfo.hasNextPage) break;
    after = node.reservations.pageInfo.endCursor;
  }
  return nodes;
}

async function loadListings() {
  const nodes = [];
  for (let after = null, page = 0; page < PAGES_MAX; page += 1) {
    const { listings } = await ask(q.LISTINGS, { id: view.organisation, after });
    nodes.push(...listings.nodes);
    if (!listings.pageInfo.hasNextPage) break;
    after = listings.pageInfo.endCursor;
  }
  view.listings = nodes;
  view.titles = (await ask(q.TITLES, { id: view.organisation })).titles.nodes;
  if (!chosen()) view.listing = (nodes.find(({ state }) => state === "ACTIVE") ?? nodes[0])?.id ?? null;
}

async function loadWeek() {
  const times = {
    startsAt: instantOf(monday(), zone()).toISOString(),
    endsAt: instantOf(addDays(monday(), 7), zone()).toISOString(),
  };
  const states = [...LIVE_STATES, "COMPLETED", "NO_SHOW"];
  const [opened, inWeek] = await Promise.all([
    view.listing ? ask(q.OPENINGS, { id: view.listing, ...times }) : { listing: null },
    allBookings(q.BOOKINGS, { states, ...times }),
  ]);
  view.openings = opened.listing?.openings ?? [];
  view.inWeek = inWeek;
}

async function loadBookings() {
  const found = await allBookings(q.BOOKINGS, { states: LIVE_STATES });
  view.bookings = found.sort((a, b) => Date.parse(a.startsAt) - Date.parse(b.startsAt));
}

async function loadPast() {
  const today = new Date();
  const month = new Date(today.getFullYear(), today.getMonth(), 1).toISOString();
  const [stays, shown] = await Promise.all([
    allBookings(q.STAYS, { states: ["COMPLETED"], startsAt: month }),
    ask(q.ACCESS, { id: view.organisation, filter: { startsAt: month } }),
  ]);
  view.sessions = stays.flatMap(({ sessions }) => sessions.filter(({ state }) => state === "ENDED"));
  view.events = shown.node.reservations.nodes
    .flatMap((booking) => booking.accessEvents.map((event) => ({ ...event, where: whereOf(booking) })))
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at))
    .slice(0, 50);
}

async function refresh() {
  await Promise.all([loadBookings(), loadWeek(), loadPast(), loadMoney()]);
  showAll();
}

// ---- what is done --------------------------------------------------------------------------

async function act(document, variables) {
  try {
    const [answer] = Object.values(await ask(document, { ...variables, key: crypto.randomUUID() }));
    if (answer.code) throw new Error(answer.message);
    at("problem").hidden = true;
  } catch (error) {
    fail(error);
  }
  await Promise.all([loadListings(), refresh()]).then(showAll, fail);
}

const accept = (id) => act(q.ACCEPT, { id });
const decline = (id, reason) => act(q.DECLINE, { id, reason });
const cancel = (id, reason) => act(q.CANCEL, { id, reason });
const change = (verb, id) => act({ activate: q.ACTIVATE, pause: q.PAUSE, withdraw: q.WITHDRAW }[verb], { id });

async function choose(id) {
  view.listing = id;
  await loadWeek().then(showAll, fail);
}

async function turn(weeks) {
  view.weeks = weeks;
  await loadWeek().then(showCalendar, fail);
}

async function download(id) {
  const { listing } = await ask(q.CALENDAR, { id });
  const file = new Blob([listing.calendar], { type: "text/calendar" });
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(file), download: "listing.ics" });
  link.click();
  URL.revokeObjectURL(link.href);
}

// ---- live ----------------------------------------------------------------------------------

function follow() {
  live?.close();
  live = new Live(session.token, (state) => {
    view.liveState = state;
    showPulse();
  });
  if (!view.organisation) return;
  for (const followed of [q.LIVE, MONEY_LIVE])
    live.subscribe(followed, () => ({ id: view.organisation }), () => {
      clearTimeout(settling);
      settling = setTimeout(() => refresh().catch(fail), SETTLE_MS);
    }, fail);
}

async function show(organisation) {
  view.organisation = organisation;
  view.listing = null;
  at("view").hidden = false;
  await loadListings();
  await refresh();
  follow();
}

// ---- start ---------------------------------------------------------------------------------

function listen() {
  at("organisation").addEventListener("change", (event) => show(event.target.value).catch(fail));
  at("language").addEventListener("click", () => (setLanguage(language === "en" ? "zh" : "en"), showAll()));
  at("problem-close").addEventListener("click", () => (at("problem").hidden = true));
  at("week-before").addEventListener("click", () => turn(view.weeks - 1));
  at("week-now").addEventListener("click", () => turn(0));
  at("week-after").addEventListener("click", () => turn(view.weeks + 1));
  at("sign-out").addEventListener("click", () => session.signOut().then(() => location.reload()));
  new ResizeObserver(() => at("view").hidden || showCalendar()).observe(at("calendar"));
}

async function start() {
  followTheme(at("theme"));
  setLanguage(language);
  translate();
  listen();
  const isOperator = () => view.organisations.some(({ id, roles }) => id === view.organisation && roles.includes("OPERATOR"));
  startMoney({ ask, act, fail, isOperator, timeZone: zone, organisation: () => view.organisation, token: () => session.token });
  const signedIn = await session.start();
  at("sign-in").hidden = signedIn;
  at("sign-out").hidden = !signedIn;
  if (!signedIn) return showEmpty("signInFirst");
  const { viewer } = await ask(q.OWNER, {});
  view.organisations = viewer.memberships
    .filter(({ roles }) => roles.some((role) => LET_BY.includes(role)))
    .map(({ organisation, roles }) => ({ ...organisation, roles }));
  if (!view.organisations.length) return showEmpty("noOrganisation");
  at("organisation").replaceChildren(...view.organisations.map(({ id, name }) => new Option(name, id)));
  at("organisation").hidden = false;
  await show(view.organisations[0].id);
}

start().catch(fail);
