// The page of orders: of a merchant for its guests, and of who runs the places where they park.

import { Live } from "../shared/client.js";
import { dayIn, daysAfter } from "../shared/days.js";
import { at, make, redraw } from "../shared/elements.js";
import { language, t } from "../shared/language.js";
import { Shell } from "../shared/shell.js";
import { demandTable, drawDemand, legend } from "./demand.js";
import * as q from "./queries.js";
import { bayText, countsList, merchantTable, placeTable, stateText } from "./rows.js";
import { smsTable } from "./sms.js";
import { dayStart, instantOf, wallTime } from "../shared/times.js";
import "./words.js";

const MERCHANTS = ["MERCHANT", "OWNER", "OPERATOR"];
const SETTLE_MS = 250;
const LOOK_AGAIN_MS = 60_000;
const PAGES_MAX = 20;
const REF_LETTERS = 8;
const TOLD_MS = 4_000;
const TOLD = ["toldEmail", "toldPhone", "toldSteps"];
const HOUR_MS = 3_600_000;
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

const none = () => ({ units: [], orders: [], sms: [], parked: [], slots: [] });
const known = { organisations: [], places: [], side: "merchant", ...none() };
const shell = new Shell(show);
let [live, settling, asking] = [null, null, 0];

const organisation = () => known.organisations.find(({ id }) => id === at("organisation").value) ?? null;
const places = () => known.places.filter((place) => place.organisation?.id === organisation()?.id);
const place = () => places().find(({ id }) => id === at("place").value) ?? null;
const zoneOf = (unit) => unit?.places[0]?.timeZone ?? HERE;
const zone = () => (known.side === "operator" ? place()?.timeZone ?? HERE : zoneOf(known.units[0]));
const chosenUnit = () => known.units.find(({ id }) => id === at("o-unit").value) ?? null;

// ---- what is shown -------------------------------------------------------------------------

/** Draws a table anew; what is open, and where the keyboard is, stay. */
function drawRows(id, draw, of) {
  const container = at(id);
  redraw(container, () => {
    const open = [...container.querySelectorAll("details[open]")].map((each) => each.dataset.id);
    const focused = container.contains(document.activeElement) ? document.activeElement.id : "";
    container.replaceChildren(draw());
    for (const each of container.querySelectorAll("details")) each.open = open.includes(each.dataset.id);
    if (focused) (document.getElementById(focused) ?? container.querySelector("[role=region]"))?.focus({ preventScroll: true });
  }, [of, language]);
}

function showDay(name, day) {
  const orders = known.orders.filter(({ serviceAt, place: where }) => dayIn(where?.timeZone ?? zone(), Date.parse(serviceAt)) === day);
  at(`${name}-counts`).replaceChildren(...(orders.length ? [countsList(orders)] : []));
  const empty = make("p", { class: "note" }, t("noOrders"));
  drawRows(name, () => (orders.length ? merchantTable(t(name), orders, zone(), verbs) : empty), orders);
}

function showMerchant() {
  const today = dayIn(zone());
  showDay("today", today);
  showDay("tomorrow", daysAfter(today, 1));
  const open = known.units.filter(({ state }) => state === "ACTIVE");
  at("order-card").hidden = !open.length;
  fillSelect(at("o-unit"), open.map(({ id, name }) => [id, name]));
  at("order-zone").textContent = t("zoneNote", { zone: zoneOf(chosenUnit()) });
  const { sms } = known;
  at("sms-card").hidden = !open.length && !sms.length;
  drawRows("sms", () => (sms.length ? smsTable(t("smsToday"), sms, zone()) : make("p", { class: "note" }, t("noSms"))), sms);
  showTold(open);
}

/** Where a unit is told; what somebody is typing there stays. */
function showTold(open) {
  at("told-card").hidden = !open.length;
  fillSelect(at("t-unit"), open.map(({ id, name }) => [id, name]));
  const unit = open.find(({ id }) => id === at("t-unit").value);
  const shown = `${unit?.id}:${unit?.version}`;
  if (!unit || at("told-form").dataset.shown === shown) return;
  at("told-form").dataset.shown = shown;
  for (const name of TOLD) at("told-form").elements[name].value = unit[name] ?? "";
}

function showOperator() {
  const { slots, parked } = known;
  at("demand-card").hidden = at("parked-card").hidden = place() === null;
  if (!place()) return;
  drawDemand(at("chart"), slots, zone());
  at("legend").replaceChildren(...legend());
  drawRows("hours-table", () => demandTable(slots, zone()), slots);
  at("parked-counts").replaceChildren(...(parked.length ? [countsList(parked)] : []));
  drawRows("parked", () => (parked.length ? placeTable(t("ordersHere"), parked, zone()) : make("p", { class: "note" }, t("noOrders"))), parked);
}

function fillSelect(select, options) {
  const kept = select.value;
  if (JSON.stringify([...select.options].map(({ value, text }) => [value, text])) === JSON.stringify(options)) return;
  select.replaceChildren(...options.map(([value, text]) => new Option(text, value)));
  if (options.some(([value]) => value === kept)) select.value = kept;
}

function show() {
  if (!organisation()) return;
  at("sides").hidden = !organisation().roles.includes("OPERATOR");
  for (const name of ["merchant", "operator"]) {
    at(name).hidden = name !== known.side;
    at(`side-${name}`).setAttribute("aria-pressed", String(name === known.side));
  }
  if (known.side === "merchant") showMerchant();
  else showOperator();
}

// ---- what is known -------------------------------------------------------------------------

/** All nodes of a connection, page by page. */
async function all(document, variables, pick) {
  const nodes = [];
  for (let after = null, page = 0; page < PAGES_MAX; page += 1) {
    const found = pick(await shell.ask(document, { ...variables, after }));
    nodes.push(...found.nodes);
    if (!found.pageInfo.hasNextPage) break;
    after = found.pageInfo.endCursor;
  }
  return nodes;
}

const byTime = (one, other) => one.serviceAt.localeCompare(other.serviceAt) || one.orderRef.localeCompare(other.orderRef);

/** Orders with a service on so many days from today, the earliest first. */
async function ordersOf(document, filter, days) {
  const today = dayIn(zone());
  const window = { serviceFrom: dayStart(zone(), today), serviceUntil: dayStart(zone(), daysAfter(today, days)) };
  return (await all(document, { filter: { ...filter, ...window } }, (data) => data.merchantOrders)).sort(byTime);
}

async function readMerchant() {
  const { id } = organisation();
  if (!known.units.length) {
    const units = await all(q.UNITS, { id }, ({ node }) => node.merchantUnits);
    if (id !== organisation().id) return {}; // another was chosen meanwhile
    known.units = units;
  }
  const since = dayStart(zone(), dayIn(zone()));
  const [orders, sms] = await Promise.all([
    ordersOf(q.ORDERS, { organisationId: id }, 2), all(q.SMS, { id, filter: { since } }, ({ node }) => node.merchantSms),
  ]);
  return { orders, sms };
}

async function readOperator() {
  if (!place()) return {};
  const [{ id, timeZone }, today] = [place(), dayIn(place().timeZone)];
  const window = { from: dayStart(timeZone, today), until: dayStart(timeZone, daysAfter(today, 1)) };
  const [parked, { merchantDemand }] = await Promise.all([ordersOf(q.PARKED_HERE, { placeId: id }, 1), shell.ask(q.DEMAND, { id, ...window })]);
  return { parked, slots: merchantDemand ?? [] };
}

/** Only the newest of several questions under way is shown. */
async function refresh() {
  const asked = (asking += 1);
  const found = await (known.side === "merchant" ? readMerchant() : readOperator());
  if (asked === asking) show(Object.assign(known, found));
}

// ---- what is done --------------------------------------------------------------------------

function tell(text) {
  at("order-told").textContent = text;
}

async function copy({ id, link, orderRef }) {
  const address = new URL(`../../${link.slice(1)}`, import.meta.url).href;
  try {
    await navigator.clipboard.writeText(address);
  } catch {
    return prompt(t("copyOf", { ref: orderRef }), address); // where the clipboard is not given
  }
  const button = at(`copy-${id}`);
  if (!button) return;
  button.textContent = t("copied");
  setTimeout(() => (button.textContent = t("copy")), TOLD_MS);
}

/** Newer than the order's last message, also where this device's clock is behind. */
const stampAfter = (stamp) => new Date(Math.max(Date.now(), Date.parse(stamp) + 1)).toISOString();

async function cancel({ unit, orderRef, stamp }) {
  await shell.act(q.CANCEL, { unit: unit.id, ref: orderRef, stamp: stampAfter(stamp) }).catch(shell.fail);
  await refresh().catch(shell.fail);
}

const verbs = { copy, cancel };

function orderOf(form) {
  const { unit, serviceAt, party, guestName, phone, plate, locale, orderRef, wantsParking, isAccessible, isEv } = form.elements;
  const begins = instantOf(zoneOf(chosenUnit()), serviceAt.value);
  if (Number.isNaN(begins)) throw new Error(t("noSuchTime"));
  return {
    unitId: unit.value, orderRef: orderRef.value.trim() || crypto.randomUUID().slice(0, REF_LETTERS), stamp: new Date().toISOString(),
    serviceAt: new Date(begins).toISOString(), demand: wantsParking.checked ? "YES" : "NO", party: party.value ? Number(party.value) : null,
    guest: { name: guestName.value, phone: phone.value, plate: plate.value, locale: locale.value },
    needs: { isAccessible: isAccessible.checked, isEv: isEv.checked },
  };
}

async function placeOrder(form) {
  const done = await shell.act(q.PLACE, { input: orderOf(form) });
  if (!done) return;
  const { order } = done;
  const parts = [t("orderIs", { ref: order.orderRef }), t(order.state), stateText(order), bayText(order)];
  form.reset();
  proposeTime();
  tell(parts.filter(Boolean).join(" · "));
  await refresh();
}

async function onPlace(event) {
  event.preventDefault();
  const button = at("order-form").querySelector("button.primary");
  if (button.disabled) return;
  button.disabled = true; // a second touch is no second order
  tell("");
  await placeOrder(at("order-form")).catch(shell.fail);
  button.disabled = false;
}

async function onTell(event) {
  event.preventDefault();
  const [{ elements }, unit] = [at("told-form"), known.units.find(({ id }) => id === at("t-unit").value)];
  const wanted = Object.fromEntries(TOLD.map((name) => [name, elements[name].value.trim() || null]));
  const done = await shell.act(q.TELL_UNIT, { input: { unitId: unit.id, version: unit.version, ...wanted } }).catch(shell.fail);
  at("told-told").textContent = done ? t("saved") : "";
  if (!done) return;
  Object.assign(unit, done.unit);
  show();
}

/** The next full hour on the unit's clocks, and the unit's language. */
function proposeTime() {
  at("o-at").value = wallTime(zoneOf(chosenUnit()), (Math.floor(Date.now() / HOUR_MS) + 2) * HOUR_MS);
  at("o-locale").value = chosenUnit()?.locale ?? language;
}

// ---- start ---------------------------------------------------------------------------------

function onTold({ merchantOrders: told }) {
  if (told.code) return shell.fail(new Error(told.message));
  clearTimeout(settling);
  settling = setTimeout(() => refresh().catch(shell.fail), SETTLE_MS);
}

function follow() {
  live?.close();
  live = new Live(shell.session.token, shell.showState);
  const isOperator = known.side === "operator";
  if (isOperator && !place()) return;
  const [document, { id }] = isOperator ? [q.LIVE_AT_PLACE, place()] : [q.LIVE_OF_MERCHANT, organisation()];
  live.subscribe(document, () => ({ id }), onTold, shell.fail);
}

async function choose(side = known.side) {
  known.side = organisation().roles.includes("OPERATOR") ? side : "merchant";
  history.replaceState(null, "", `?${new URLSearchParams({ organisation: organisation().id, side: known.side })}`);
  fillSelect(at("place"), places().map(({ id, name }) => [id, name]));
  await refresh();
  if (known.side === "merchant") proposeTime();
  follow();
}

/** Days end, and what is free changes without an order. */
function lookAgain() {
  if (document.visibilityState === "visible" && !at("view").hidden) refresh().catch(shell.fail);
}

function listen() {
  document.addEventListener("visibilitychange", lookAgain);
  addEventListener("focus", lookAgain);
  setInterval(lookAgain, LOOK_AGAIN_MS);
  at("organisation").addEventListener("change", () => (Object.assign(known, none()), choose().catch(shell.fail)));
  for (const side of ["merchant", "operator"]) at(`side-${side}`).addEventListener("click", () => choose(side).catch(shell.fail));
  at("place").addEventListener("change", () => choose().catch(shell.fail));
  at("o-unit").addEventListener("change", () => (proposeTime(), show()));
  at("order-form").addEventListener("submit", onPlace);
  at("t-unit").addEventListener("change", show);
  at("told-form").addEventListener("submit", onTell);
  new ResizeObserver(() => at("view").hidden || known.side !== "operator" || showOperator()).observe(at("view"));
}

async function start() {
  if (!(await shell.start())) return;
  shell.onRenewed = follow;
  const { viewer } = await shell.ask(q.VIEWER);
  known.organisations = viewer.memberships.filter(({ roles }) => roles.some((role) => MERCHANTS.includes(role)))
    .map(({ organisation: { id, name }, roles }) => ({ id, name, roles }));
  if (!known.organisations.length) return shell.showEmpty("noOrganisation");
  if (known.organisations.some(({ roles }) => roles.includes("OPERATOR")))
    known.places = await all(q.PLACES, {}, ({ places: found }) => found);
  const asked = new URLSearchParams(location.search);
  at("organisation").replaceChildren(...known.organisations.map(({ id, name }) => new Option(name, id)));
  if (known.organisations.some(({ id }) => id === asked.get("organisation"))) at("organisation").value = asked.get("organisation");
  at("view").hidden = false;
  listen();
  await choose((asked.get("side") ?? (places().length ? "operator" : "merchant")) === "operator" ? "operator" : "merchant");
}

start().catch(shell.fail);
