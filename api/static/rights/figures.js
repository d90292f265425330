// What came of what an issuer gave: figures, a chart by day, invoices, signals.

import { drawBars } from "../shared/chart.js";
import { make } from "../shared/elements.js";
import { clockTime, locale, money, t } from "../shared/language.js";
import { table } from "../shared/table.js";

const COUNTS = ["granted", "held", "redeemed", "used", "lapsed", "revoked"];
const DAYS_SHOWN = 31;
const DAY_MS = 86_400_000;

/** The counts of one thing that is given, and what was paid for it. */
export function figuresList(total) {
  const counts = COUNTS.filter((name) => name === "granted" || total[name]).map((name) => [t(name), String(total[name])]);
  const pairs = [...counts, [t("paid"), money(total.paidByIssuer)], total.paidByOperator.amountMinor > 0 && [t("paidByOperator"), money(total.paidByOperator)]].filter(Boolean);
  return make("dl", { class: "figures" }, pairs.map(([name, text]) => make("div", {}, make("dt", {}, name), make("dd", {}, text))));
}

const dayName = (day, style) => new Intl.DateTimeFormat(locale(), { timeZone: "UTC", ...style }).format(new Date(day));

/** Every day of the last weeks, also those on which nothing was given; where a place lies, a new one may have begun. */
function everyDay(days) {
  const known = new Map(days.map(({ day, figures }) => [day, { day, ...figures }]));
  const last = Math.max(Date.now(), ...days.map(({ day }) => Date.parse(day)));
  return Array.from({ length: DAYS_SHOWN }, (_, n) => {
    const day = new Date(last - (DAYS_SHOWN - 1 - n) * DAY_MS).toISOString().slice(0, 10);
    return known.get(day) ?? { day, granted: 0, used: 0, paidByIssuer: null };
  });
}

/** The day since which the chart tells. */
export const chartSince = () => new Date(Date.now() - (DAYS_SHOWN - 1) * DAY_MS).toISOString().slice(0, 10);

/** Rights that were given, by day. */
export function drawDays(container, { total: { granted, paidByIssuer }, days }) {
  const bars = everyDay(days).map((each) => ({
    label: dayName(each.day, { day: "numeric", month: "short" }),
    title: t("dayFigures", {
      day: dayName(each.day, { dateStyle: "medium" }), granted: String(each.granted), used: String(each.used),
      paid: money(each.paidByIssuer ?? { ...paidByIssuer, amountMinor: 0 }),
    }),
    value: each.granted,
  }));
  drawBars(container, bars, { label: t("chartOf", { n: String(granted) }), format: (n) => (Number.isInteger(n) ? String(n) : "") });
}

const note = (key) => make("p", { class: "note" }, t(key));

/** Invoices, the newest first. */
export function invoicesTable(invoices, timeZone) {
  if (!invoices.length) return note("noInvoices");
  const heads = [{ text: t("number") }, { text: t("month") }, { text: t("redemptions"), isNumber: true }, { text: t("amount"), isNumber: true }, { text: t("when") }];
  const rows = invoices.map(({ number, month, redemptions, amount, issuedAt }) => [number, month, String(redemptions), money(amount), clockTime(issuedAt, timeZone)]);
  return table(t("invoices"), heads, rows);
}

/** One thing that looks like fraud. */
export function signalRow({ id, kind, at, grantCode }, timeZone, see) {
  const where = grantCode ? [grantCode.label || `…${grantCode.link.slice(-4)}`, grantCode.contract?.placeName] : [];
  return make(
    "li", { "data-id": id },
    make("p", {}, make("span", { class: "name debt" }, t(kind)), " · ", clockTime(at, timeZone)),
    make("p", { class: "note" }, where.filter(Boolean).join(" · ")),
    make("p", { class: "actions" }, make("button", { type: "button", onclick: () => see(id) }, t("seen"))),
  );
}
