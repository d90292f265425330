// The lists of an organisation's money, as elements.

import { field, folded } from "../shared/disputes.js";
import { make } from "../shared/elements.js";
import { badge, table } from "../shared/table.js";
import { clockTime, locale, minorOf, money, t } from "./words.js";

const SCHEDULES = ["DAILY", "WEEKLY", "MONTHLY"];
const LABELS = { DAY: { day: "numeric", month: "short" }, WEEK: { day: "numeric", month: "short" }, MONTH: { month: "short", year: "2-digit" } };

export const nothing = (key = "nothingYet") => make("p", { class: "note" }, t(key));

/** The bars of one currency's earnings. */
export function barsOf({ buckets }, by) {
  const name = new Intl.DateTimeFormat(locale(), { timeZone: "UTC", ...LABELS[by] });
  const whole = new Intl.DateTimeFormat(locale(), { timeZone: "UTC", dateStyle: "medium" });
  return buckets.map(({ firstDay, figures }) => ({
    label: name.format(new Date(firstDay)),
    title: `${whole.format(new Date(firstDay))}: ${money(figures.earned)} (${t("sum_bookings")}: ${figures.bookings})`,
    value: figures.earned.amountMinor,
  }));
}

/** Figures beside each other: `[[name, text], …]`. */
export const figures = (pairs) =>
  make("dl", { class: "figures" }, pairs.map(([name, text]) => make("div", {}, make("dt", {}, name), make("dd", {}, text))));

/** What all bars come to. */
export function earningsFigures({ total }) {
  const named = ["cost", "platform", "property", "tax", "changed"].filter((name) => name === "cost" || total[name].amountMinor);
  return figures([
    [t("earned"), money(total.earned)], [t("sum_bookings"), total.bookings],
    ...named.map((name) => [t(`earned_${name}`), money(total[name])]),
  ]);
}

/** What the organisation is owed, by currency. */
export function owedList(owed) {
  if (!owed.length) return nothing("nothingOwed");
  return figures(owed.flatMap((each) => ["owner", "property", "sending", "validations"]
    .filter((name) => each[name].amountMinor || name === "owner")
    .map((name) => [t(`owed_${name}`), money(each[name])])));
}

/** Payouts; `onOpen(id, list)` fills in the items of one when it is unfolded. */
export function payoutsTable(payouts, timeZone, onOpen) {
  if (!payouts.length) return nothing("noPayouts");
  const heads = [{ text: t("when") }, { text: t("state") }, { text: t("amount"), isNumber: true }, { text: t("payoutItems") }];
  const rows = payouts.map(({ id, state, amount, reason, changedAt }) => {
    const list = make("ul", {});
    const items = make("details", { ontoggle: (event) => event.target.open && onOpen(id, list) }, make("summary", {}, t("show")), list);
    return [clockTime(changedAt, timeZone), make("span", {}, badge(state), reason && ` ${reason}`), money(amount), items];
  });
  return table(t("payouts"), heads, rows);
}

/** One thing that a payout is for. */
export function itemRow({ party, cause, amount, settlement }) {
  const bill = settlement?.chargeRecords[0];
  const link = bill ? make("a", { href: `.${bill.link}` }, bill.number) : "–";
  return make("li", {}, `${money(amount)} · ${t(`item_${cause}`)} · ${t(party)} · `, link);
}

/** The payout terms for who may not set them. */
export function termsText(terms) {
  if (!terms) return nothing("noTerms");
  const { schedule, nextAt, timeZone } = terms;
  return make("p", {}, `${t(schedule)} · ${t("nextPayout", { at: clockTime(nextAt, timeZone) })}`);
}

/** The form of the payout terms; `onSend(input)` without the organisation. */
export function termsForm(terms, timeZone, onSend) {
  const given = terms ?? { schedule: "WEEKLY", day: 1, delayDays: 0, minimumMinor: 0, rail: "wallet", reference: "", timeZone };
  const input = (name, label, more) => field(t(label), make("input", { id: `terms-${name}`, name, value: String(given[name] ?? ""), ...more }));
  const schedule = make("select", { id: "terms-schedule", name: "schedule" }, SCHEDULES.map((each) =>
    make("option", { value: each, selected: each === given.schedule }, t(each))));
  const number = (name, min, max) => input(name, `terms_${name}`, { type: "number", min, max, required: true });
  const send = (event) => {
    event.preventDefault();
    delete event.target.dataset.typed;
    const { schedule: chosen, day, delayDays, minimumMinor, rail, reference, timeZone: zone } = event.target.elements;
    onSend({
      schedule: chosen.value, day: Number(day.value), delayDays: Number(delayDays.value), minimumMinor: Number(minimumMinor.value),
      rail: rail.value.trim(), reference: reference.value.trim(), timeZone: zone.value.trim(),
    });
  };
  return make(
    "form", { onsubmit: send, oninput: (event) => (event.currentTarget.dataset.typed = "") },
    terms && make("p", { class: "note" }, t("nextPayout", { at: clockTime(terms.nextAt, terms.timeZone) })),
    make("div", { class: "fields" },
      field(t("terms_schedule"), schedule), number("day", 1, 28), number("delayDays", 0, 90), number("minimumMinor", 0, 10 ** 9),
      input("rail", "terms_rail", { type: "text" }), input("reference", "terms_reference", { type: "text" }), input("timeZone", "terms_timeZone", { type: "text" })),
    make("p", { class: "actions" }, make("button", { class: "primary" }, t("saveTerms"))),
  );
}

/** Bills, each with a form that gives some of it back. */
export function billsTable(charges, timeZone, onCredit, onFault) {
  if (!charges.length) return nothing("noBills");
  const heads = [{ text: t("number") }, { text: t("when") }, { text: t("amount"), isNumber: true }, { text: t("credited"), isNumber: true }, { text: "" }];
  const rows = charges.filter(({ kind }) => kind === "CHARGE").map((charge) => {
    const back = { currency: charge.amount.currency, amountMinor: charge.credits.reduce((sum, { amount }) => sum + amount.amountMinor, 0) };
    return [
      make("a", { href: `.${charge.link}` }, charge.number), clockTime(charge.issuedAt, timeZone), money(charge.amount),
      back.amountMinor ? money(back) : "–", creditForm(charge, onCredit, onFault),
    ];
  });
  return table(t("bills"), heads, rows);
}

function creditForm({ id, amount: { currency } }, onCredit, onFault) {
  const inputs = [
    field(t("creditAmount", { currency }), make("input", { type: "text", inputmode: "decimal", id: `credit-${id}`, name: "amount", required: true })),
    field(t("creditReason"), make("input", { type: "text", id: `why-${id}`, name: "reason", maxlength: 500, required: true })),
  ];
  return folded(t("giveBack"), inputs, t("giveBack"), ({ amount, reason }) => {
    const minor = minorOf(amount.value, currency);
    if (Number.isNaN(minor)) return onFault(new Error(t("notAnAmount", { text: amount.value, currency })));
    onCredit(id, minor, reason.value);
  });
}
