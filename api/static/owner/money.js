// What the organisation earns, is owed and is paid; disputes and credits.

import { drawBars } from "../shared/chart.js";
import { daysAfter, todayIn } from "../shared/days.js";
import { ADD_EVIDENCE, APPEAL, disputeRow } from "../shared/disputes.js";
import { at, make, redraw } from "../shared/elements.js";
import { save } from "../shared/files.js";
import * as q from "./money_queries.js";
import { barsOf, billsTable, earningsFigures, itemRow, nothing, owedList, payoutsTable, termsForm, termsText } from "./money_rows.js";
import "./money_words.js";
import { instantOf } from "./week.js";
import { language, money, t } from "./words.js";

const DAYS_BEFORE = 30;
const known = { earnings: [], owed: [], terms: null, payouts: [], charges: [], disputes: [] };
let page = null;

const zone = () => known.terms?.timeZone ?? known.earnings[0]?.timeZone ?? page.timeZone();

/** Which time is asked for; the day after the last one, as the schema counts. */
function span() {
  return { first: at("from").value, until: daysAfter(at("until").value, 1), by: at("by").value };
}

/** `ask` and `act` run operations; `organisation()`, `isOperator()`, `timeZone()` and `token()` are asked
 * each time. */
export function startMoney(given) {
  page = given;
  for (const id of ["from", "until", "by"]) at(id).addEventListener("change", () => loadEarnings().then(showEarnings, page.fail));
  for (const name of ["earnings", "settlements", "statement"])
    at(`csv-${name}`).addEventListener("click", () => save(fileOf(name), page.token()).catch(page.fail));
  new ResizeObserver(() => known.earnings.length && showEarnings()).observe(at("chart"));
}

const midnight = (day) => instantOf(Date.parse(day), zone()).toISOString();

function fileOf(name) {
  const { first, until, by } = span();
  const address = new URL(`../../csv/organisations/${encodeURIComponent(page.organisation())}/${name}`, import.meta.url);
  if (name === "earnings") address.search = new URLSearchParams({ firstDay: first, untilDay: until, by });
  else address.search = new URLSearchParams({ startsAt: midnight(first), endsAt: midnight(until) });
  if (name === "statement") address.searchParams.set("currency", known.owed[0]?.currency ?? known.earnings[0]?.currency ?? "EUR");
  return address;
}

async function loadEarnings() {
  if (!at("from").value || !at("until").value) return;
  const { node } = await page.ask(q.EARNINGS, { id: page.organisation(), ...span() });
  known.earnings = node?.earnings ?? [];
}

export async function loadMoney() {
  at("until").value ||= todayIn(page.timeZone());
  at("from").value ||= daysAfter(at("until").value, -DAYS_BEFORE);
  const [{ node }, { disputes }] = await Promise.all([
    page.ask(q.ACCOUNT, { id: page.organisation() }), page.ask(q.DISPUTES, {}), loadEarnings(),
  ]);
  known.owed = node?.owed ?? [];
  known.terms = node?.payoutTerms ?? null;
  known.payouts = node?.payouts.nodes ?? [];
  known.charges = node?.chargeRecords.nodes ?? [];
  known.disputes = disputes.nodes;
}

function showEarnings() {
  const { by } = span();
  const drawn = known.earnings.map((each) => {
    const chart = make("div", { class: "bars" });
    return { chart, each, box: make("div", {}, earningsFigures(each), chart) };
  });
  at("chart").replaceChildren(...(drawn.length ? drawn.map(({ box }) => box) : [nothing("noEarned")]));
  for (const { chart, each } of drawn) {
    const { currency } = each;
    const format = (amountMinor) => money({ amountMinor, currency }, { notation: "compact" });
    drawBars(chart, barsOf(each, by), { label: t("chartOf", { amount: money(each.total.earned) }), format });
  }
}

async function openItems(id, list) {
  if (list.children.length) return;
  const { node } = await page.ask(q.ITEMS, { id });
  list.replaceChildren(...(node?.items.nodes ?? []).map(itemRow));
}

export function showMoney() {
  showEarnings();
  const timeZone = zone();
  at("owed").replaceChildren(owedList(known.owed));
  const draw = (id, of, rows) => redraw(at(id), () => at(id).replaceChildren(...rows()), [of, timeZone, language]);
  draw("terms", known.terms, () => [page.isOperator() ? termsForm(known.terms, timeZone, setTerms) : termsText(known.terms)]);
  draw("payouts", known.payouts, () => [payoutsTable(known.payouts, timeZone, (id, list) => openItems(id, list).catch(page.fail))]);
  draw("bills", known.charges, () => [billsTable(known.charges, timeZone, credit, page.fail)]);
  draw("disputes", known.disputes, () => {
    const rows = known.disputes.map((each) => disputeRow(each, timeZone, { say, appeal }, page.fail));
    return rows.length ? rows : [make("li", { class: "note" }, t("noDisputes"))];
  });
}

const setTerms = (terms) => page.act(q.SET_TERMS, { input: { organisationId: page.organisation(), ...terms } });
const credit = (id, amount, reason) => page.act(q.CREDIT, { id, amount, reason });
const say = (id, text) => page.act(ADD_EVIDENCE, { id, text });
const appeal = (id, text) => page.act(APPEAL, { id, text });

export { MONEY_LIVE } from "./money_queries.js";
