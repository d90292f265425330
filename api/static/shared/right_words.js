// What a right gives, in words; every page that lists rights says it alike.

import { addWords, money, t } from "./language.js";

addWords({
  en: {
    gift_MINUTES: "{time} of parking free", gift_AMOUNT: "{amount} off parking", gift_PERCENT: "{value} % off parking",
    gift_FREE: "Free parking", gift_ACCESS: "Entry and parking free", gift_worth: "{gift} (worth up to {amount})",
    stretch_D: "{n} d", stretch_H: "{n} h", stretch_M: "{n} min",
  },
  zh: {
    gift_MINUTES: "免费停车 {time}", gift_AMOUNT: "停车费减免 {amount}", gift_PERCENT: "停车费减免 {value} %",
    gift_FREE: "免费停车", gift_ACCESS: "免费进场停车", gift_worth: "{gift}（最多抵 {amount}）",
    stretch_D: "{n} 天", stretch_H: "{n} 小时", stretch_M: "{n} 分钟",
  },
});

const HOUR = 60;
const DAY = 24 * HOUR;

/** So many minutes in the units that people say: `1 h 30 min`, `24 h`, `3 d`. */
export function stretchText(minutes) {
  const days = minutes >= 2 * DAY ? Math.floor(minutes / DAY) : 0;
  const rest = minutes - days * DAY;
  const parts = [["D", days], ["H", Math.floor(rest / HOUR)], ["M", rest % HOUR]].filter(([, n]) => n > 0);
  return (parts.length ? parts : [["M", 0]]).map(([unit, n]) => t(`stretch_${unit}`, { n })).join(" ");
}

/** What `{kind, value, currency, worthMax}` of a right or of its specification come to. */
export function giftText({ kind, value, currency, worthMax }) {
  const amount = kind === "AMOUNT" ? money({ amountMinor: value, currency }) : "";
  const gift = t(`gift_${kind}`, { value, amount, time: stretchText(value) });
  const isLimited = worthMax && (kind !== "AMOUNT" || worthMax.amountMinor < value);
  return isLimited ? t("gift_worth", { gift, amount: money(worthMax) }) : gift;
}
