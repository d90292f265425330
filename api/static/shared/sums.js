// Sums over settlements, as figures and as tables: a place's day and the platform's days share them.

import { make } from "./elements.js";
import { money, t } from "./language.js";
import { table } from "./table.js";

const AMOUNTS = ["gross", "owner", "property", "platform", "tax", "refund", "validation", "receivable"];
const IN_TABLE = ["gross", "platform", "property", "tax", "refund"];

/** All fields of `SettledSums`, for a query. */
export const SUMS = `bookings noShows cancelled ${AMOUNTS.map((name) => `${name} { amountMinor currency }`).join(" ")}`;

/** All that is not zero, and what is always asked for; `more` are further pairs. */
export function sumsFigures(sums, more = []) {
  const shown = AMOUNTS.filter((name) => sums[name].amountMinor || IN_TABLE.includes(name));
  const counts = ["noShows", "cancelled"].filter((name) => sums[name]);
  const pairs = [
    [t("sum_bookings"), sums.bookings], ...counts.map((name) => [t(`sum_${name}`), sums[name]]),
    ...shown.map((name) => [t(`sum_${name}`), money(sums[name])]), ...more,
  ];
  return make("dl", { class: "figures" }, pairs.map(([name, text]) => make("div", {}, make("dt", {}, name), make("dd", {}, text))));
}

/** `rows` are `[name, sums]`; `total` is the last row. */
export function sumsTable(label, head, rows, total) {
  const heads = [{ text: head }, { text: t("sum_bookings"), isNumber: true }, ...IN_TABLE.map((name) => ({ text: t(`sum_${name}`), isNumber: true }))];
  const cells = (name, sums) => [name, sums.bookings, ...IN_TABLE.map((each) => money(sums[each]))];
  return table(label, heads, rows.map(([name, sums]) => cells(name, sums)), cells(t("total"), total));
}
