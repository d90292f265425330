// The page of who gives parking to customers, and of who runs the places where it is used.

import { Live } from "../shared/client.js";
import { dayIn } from "../shared/days.js";
import { at, make, redraw } from "../shared/elements.js";
import { save } from "../shared/files.js";
import { language, t } from "../shared/language.js";
import { Shell } from "../shared/shell.js";
import { amountOf, contractRow, wholeOf } from "./contracts.js";
import { codesOf, codesTable, fillChoices, fillSelect, isGiving, isPrintable } from "./codes.js";
import { exitRow, redemptionsTable } from "./exits.js";
import { chartSince, drawDays, figuresList, invoicesTable, signalRow } from "./figures.js";
import * as q from "./queries.js";
import { followKind, midnightOf, specificationOf, specificationRow } from "./specifications.js";
import "./words.js";

const ISSUERS = ["MERCHANT", "OWNER", "OPERATOR"];
const SETTLE_MS = 250;
const LOOK_AGAIN_MS = 60_000;
const PAGES_MAX = 20;
const SHEETS_MAX = 500;
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

// How the page calls what the schema's refusals name.
const FIELD_WORDS = {
  name: "name", value: "kind", currency: "currency", worthMaxMinor: "contractWorth", "terms.delayMinutes": "delay", "terms.validMinutes": "valid",
  "terms.perStayMax": "perStay", "terms.perVehicleDayMax": "perDay", "terms.leftover": "leftover", "terms.windows": "windows",
  "terms.periodUntil": "periodUntil", "terms.periodFrom": "periodFrom", count: "count", label: "label", usesMax: "usesMax", validUntil: "validUntil",
  radiusMetres: "radius", latitude: "radius", quota: "quota", budgetMinor: "budget", priceMinor: "price", perStayMax: "perStay", reason: "whyText",
};

const none = () => ({
  contracts: [], specifications: [], codes: [], after: null, statistics: null, invoices: [], signals: [],
  offered: [], exits: [], redemptions: [],
});
const known = { organisations: [], places: [], side: "issuer", ...none() };
const shell = new Shell(show);
let live = null;
let settling = null;

const organisation = () => known.organisations.find(({ id }) => id === at("organisation").value) ?? null;
const places = () => known.places.filter((place) => place.organisation?.id === organisation()?.id);
const place = () => places().find(({ id }) => id === at("place").value) ?? null;
const note = (key) => make("li", { class: "note" }, t(key));

// ---- what is shown -------------------------------------------------------------------------

function rows(id, list, row, empty) {
  redraw(at(id), () => at(id).replaceChildren(...(list.length ? list.map(row) : [note(empty)])), [list, language]);
}

function showIssuer() {
  rows("contracts", known.contracts, (each) => contractRow(each, true, verbs, shell.fail), "noContracts");
  rows("specifications", known.specifications, (each) => specificationRow(each, verbs.archive), "noSpecifications");
  fillChoices(at("codes-form"), known.specifications, known.contracts);
  followKind(at("specification-form"));
  const listed = listedCodes();
  const empty = known.codes.length ? "noGoodCodes" : "noCodes";
  redraw(at("codes"), () => {
    at("codes").replaceChildren(listed.length ? codesTable(listed, verbs) : make("p", { class: "note" }, t(empty)));
  }, [listed, language]);
  at("more-codes").hidden = known.after === null;
  at("print-all").disabled = !listed.some(isPrintable);
  at("invoices").replaceChildren(invoicesTable(known.invoices, HERE));
  showFigures();
}

const listedCodes = () => (at("only-good").checked ? known.codes.filter(isGiving) : known.codes);

function showFigures() {
  fillSelect(at("of-specification"), known.specifications.map(({ id, name }) => [id, name]));
  const { statistics } = known;
  at("figures").replaceChildren(statistics?.total.granted ? figuresList(statistics.total) : make("p", { class: "note" }, t("noFigures")));
  at("chart").hidden = !statistics?.total.granted;
  if (statistics?.total.granted) drawDays(at("chart"), statistics);
}

function showOperator() {
  rows("offered", known.offered, (each) => contractRow(each, false, verbs, shell.fail), "noContracts");
  rows("exits", known.exits, (each) => exitRow(each, { print: printExit, revoke: verbs.revokeExit }), "noExits");
  const today = known.redemptions;
  at("today").replaceChildren(today.length ? redemptionsTable(today, place()?.timeZone ?? HERE) : make("p", { class: "note" }, t("noToday")));
}

function show() {
  if (!organisation()) return;
  const { side } = known;
  const { roles } = organisation();
  const isBoth = roles.includes("OPERATOR");
  at("sides").hidden = !isBoth;
  for (const name of ["issuer", "operator"]) {
    at(name).hidden = name !== side;
    at(`side-${name}`).setAttribute("aria-pressed", String(name === side));
  }
  at("organisation-id").textContent = organisation().id;
  at("signals-card").hidden = known.signals.length === 0;
  rows("signals", known.signals, (each) => signalRow(each, HERE, verbs.see), "nothingYet");
  if (side === "issuer") showIssuer();
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

async function readCodes(after = null) {
  const { node } = await shell.ask(q.CODES, { id: organisation().id, after });
  known.codes = after === null ? node.grantCodes.nodes : [...known.codes, ...node.grantCodes.nodes];
  known.after = node.grantCodes.pageInfo.hasNextPage ? node.grantCodes.pageInfo.endCursor : null;
}

async function readStatistics() {
  const id = known.specifications.find((each) => each.id === at("of-specification").value)?.id ?? known.specifications[0]?.id;
  const asked = id && (await shell.ask(q.STATISTICS, { id, since: chartSince() }));
  known.statistics = asked?.node?.statistics ?? null;
}

async function readIssuer() {
  const { node } = await shell.ask(q.ISSUER, { id: organisation().id });
  Object.assign(known, {
    contracts: node.rightsContracts.nodes, specifications: node.rightSpecifications.nodes, invoices: node.rightsInvoices.nodes,
    signals: node.rightsSignals.nodes,
  });
  await Promise.all([readCodes(), readStatistics()]);
}

async function readOperator() {
  const { node } = await shell.ask(q.OPERATOR, { id: organisation().id });
  known.offered = node.offeredRightsContracts.nodes;
  fillSelect(at("place"), places().map(({ id, name }) => [id, name]));
  await readPlace();
}

async function readPlace() {
  for (const id of ["today-card", "exits-card", "rule-card", "make-contract"]) at(id).hidden = place() === null;
  if (!place()) return Object.assign(known, { exits: [], redemptions: [], signals: [] });
  const [{ place: told }, redemptions] = await Promise.all([shell.ask(q.PLACE, { id: place().id }), readToday()]);
  const { exitCodes, rightsRule, rightsSignals } = told;
  Object.assign(known, { exits: exitCodes.nodes.filter(({ revokedAt }) => revokedAt === null), redemptions, signals: rightsSignals.nodes });
  if (at("rule-form").contains(document.activeElement)) return;
  at("rule-form").elements.perStayMax.value = rightsRule.perStayMax;
  at("rule-form").elements.needsProof.checked = rightsRule.needsProof;
}

/** What was redeemed at the place on its present day, the newest first. */
async function readToday() {
  const [{ id, timeZone }, found] = [place(), []];
  const day = dayIn(timeZone);
  for (let after = null, page = 0; page < PAGES_MAX; page += 1) {
    const { redemptions } = (await shell.ask(q.REDEMPTIONS, { id, after })).place;
    const today = redemptions.nodes.filter((each) => dayIn(timeZone, each.at) === day);
    found.push(...today);
    if (today.length < redemptions.nodes.length || !redemptions.pageInfo.hasNextPage) break;
    after = redemptions.pageInfo.endCursor;
  }
  return found;
}

async function refresh() {
  const asked = organisation().id;
  await (known.side === "issuer" ? readIssuer() : readOperator());
  if (asked === organisation().id) show();
}

// ---- what is done --------------------------------------------------------------------------

async function act(document, variables) {
  const done = await carriedOut(document, variables).catch(shell.fail);
  await refresh().catch(shell.fail);
  return done;
}

/** Runs a mutation under a key of its own; a refusal is told, with the field that it is about. */
async function carriedOut(document, variables) {
  const [answer] = Object.values(await shell.ask(document, { ...variables, key: crypto.randomUUID() }));
  at("problem").hidden = !answer.code;
  if (!answer.code) return answer;
  const label = FIELD_WORDS[answer.field?.replace(/\.\d+.*$/, "")];
  shell.fail(new Error(label ? `${t(label)}: ${answer.message}` : answer.message));
  return null;
}

const verbs = {
  accept: (id, version) => act(q.ACCEPT, { id, version }),
  decline: (id, reason) => act(q.DECLINE, { id, reason }),
  end: (id, reason) => act(q.END, { id, reason }),
  limit: (input) => act(q.LIMIT, { input }),
  archive: (id) => act(q.ARCHIVE, { id }),
  revoke: (id, reason) => act(q.REVOKE, { ids: [id], reason }),
  reissue: (id, reason) => act(q.REISSUE, { id, reason }),
  see: (id) => act(q.SEE, { ids: [id] }),
  revokeExit: (id) => act(q.REVOKE_EXIT, { id }),
  print: (code) => printOne(`codes/${encodeURIComponent(code.id)}`, at("paper").value, at("form").value),
};

const printExit = (id) => printOne(`exits/${encodeURIComponent(id)}`, at("exit-paper").value, at("exit-form-file").value);

function printOne(path, size, form) {
  const address = new URL(`../../rights/${path}/sheet.${form}?${new URLSearchParams({ size, lang: language })}`, import.meta.url);
  return save(address, shell.session.token).catch(shell.fail);
}

function printAll() {
  const ids = listedCodes().filter(isPrintable).slice(0, SHEETS_MAX).map(({ id }) => id);
  const address = new URL(`../../rights/sheets.pdf?lang=${language}`, import.meta.url);
  return save(address, shell.session.token, { ids, size: at("paper").value }).catch(shell.fail);
}

function csv(name) {
  const address = new URL(`../../csv/organisations/${encodeURIComponent(organisation().id)}/${name}`, import.meta.url);
  return save(address, shell.session.token).catch(shell.fail);
}

/** Sends a form once: what it gives is made by `input(form)`, which may refuse in words. */
function onSubmit(id, document, input, after = () => {}) {
  at(id).addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = at(id).querySelector("button:not([type])");
    if (button.disabled) return;
    button.disabled = true; // a second touch is no second thing
    try {
      const done = await act(document, input(at(id)));
      if (done) after(at(id), done);
    } catch (error) {
      shell.fail(error);
    } finally {
      button.disabled = false;
    }
  });
}

function close(form) {
  form.reset();
  const details = form.closest("details");
  if (details) details.open = false;
  show();
}

function contractOf(form) {
  const { issuer, quota, budget, price, worth, perStayMax, until } = form.elements;
  const { id, currency } = place();
  return {
    input: {
      issuerId: issuer.value.trim(), placeId: id, quota: wholeOf(quota.value), budgetMinor: amountOf(budget.value, currency),
      priceMinor: amountOf(price.value, currency), worthMaxMinor: amountOf(worth.value, currency),
      perStayMax: wholeOf(perStayMax.value), validUntil: midnightOf(until.value, 1),
    },
  };
}

function ruleOf(form) {
  const { perStayMax, needsProof } = form.elements;
  return { id: place().id, perStayMax: wholeOf(perStayMax.value), needsProof: needsProof.checked };
}

// ---- start ---------------------------------------------------------------------------------

function follow() {
  live?.close();
  live = new Live(shell.session.token, shell.showState);
  live.subscribe(q.ISSUED_LIVE, () => ({ id: organisation().id }), () => {
    clearTimeout(settling);
    settling = setTimeout(() => refresh().catch(shell.fail), SETTLE_MS);
  }, shell.fail);
}

async function choose(side = known.side) {
  known.side = organisation().roles.includes("OPERATOR") ? side : "issuer";
  history.replaceState(null, "", `?${new URLSearchParams({ organisation: organisation().id, side: known.side })}`);
  await refresh();
  follow();
}

/** What no stream tells, such as a contract that is offered: looked at again by who comes back. */
function lookAgain() {
  if (document.visibilityState === "visible" && !at("view").hidden) refresh().catch(shell.fail);
}

function listen() {
  document.addEventListener("visibilitychange", lookAgain);
  addEventListener("focus", lookAgain);
  setInterval(lookAgain, LOOK_AGAIN_MS);
  at("organisation").addEventListener("change", () => (Object.assign(known, none()), choose().catch(shell.fail)));
  for (const side of ["issuer", "operator"]) at(`side-${side}`).addEventListener("click", () => choose(side).catch(shell.fail));
  at("rule-form").addEventListener("input", () => (at("rule-told").textContent = ""));
  at("place").addEventListener("change", () => readPlace().then(show, shell.fail));
  at("s-kind").addEventListener("change", () => followKind(at("specification-form")));
  at("only-good").addEventListener("change", show);
  at("more-codes").addEventListener("click", () => readCodes(known.after).then(show, shell.fail));
  at("print-all").addEventListener("click", printAll);
  at("of-specification").addEventListener("change", () => readStatistics().then(show, shell.fail));
  at("csv-invoices").addEventListener("click", () => csv("rights-invoices"));
  at("csv-redemptions").addEventListener("click", () => csv("redemptions"));
  onSubmit("specification-form", q.MAKE_SPECIFICATION, (form) => ({ input: specificationOf(form, organisation().id) }), close);
  onSubmit("codes-form", q.MAKE_CODES, (form) => ({ input: codesOf(form) }), close);
  onSubmit("contract-form", q.OFFER, contractOf, close);
  onSubmit("exit-form", q.MAKE_EXIT, (form) => ({ id: place().id, label: form.elements.label.value }), close);
  onSubmit("rule-form", q.SET_RULE, ruleOf, () => (at("rule-told").textContent = t("saved")));
  new ResizeObserver(() => at("view").hidden || known.side !== "issuer" || showFigures()).observe(at("view"));
}

async function start() {
  if (!(await shell.start())) return;
  shell.onRenewed = follow;
  const { viewer } = await shell.ask(q.VIEWER);
  known.organisations = viewer.memberships.filter(({ roles }) => roles.some((role) => ISSUERS.includes(role)))
    .map(({ organisation: { id, name }, roles }) => ({ id, name, roles }));
  if (!known.organisations.length) return shell.showEmpty("noOrganisation");
  if (known.organisations.some(({ roles }) => roles.includes("OPERATOR")))
    known.places = await all(q.PLACES, {}, ({ places: found }) => found);
  const asked = new URLSearchParams(location.search);
  at("organisation").replaceChildren(...known.organisations.map(({ id, name }) => new Option(name, id)));
  if (known.organisations.some(({ id }) => id === asked.get("organisation"))) at("organisation").value = asked.get("organisation");
  at("view").hidden = false;
  listen();
  await choose(asked.get("side") === "operator" ? "operator" : "issuer");
}

start().catch(shell.fail);
