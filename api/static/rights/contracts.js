// Contracts of an issuer with a place, as both sides see them.

import { field, folded } from "../shared/disputes.js";
import { make } from "../shared/elements.js";
import { clockTime, minorOf, money, t } from "../shared/language.js";
import { svg } from "../shared/chart.js";
import { badge } from "../shared/table.js";

const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A bar of what is used of something that has a limit: `parts` are `[class, share]`. */
function bar(label, parts) {
  const drawn = svg("svg", { viewBox: "0 0 100 8", preserveAspectRatio: "none", role: "img", "aria-label": label });
  let x = 0;
  for (const [name, share] of parts) {
    const width = Math.min(Math.max(share, 0), 1) * 100;
    drawn.append(svg("rect", { class: name, x, y: 0, width: Math.min(width, 100 - x), height: 8 }));
    x = Math.min(100, x + width);
  }
  return make("div", { class: "meter" }, make("span", {}, label), drawn);
}

function quotaBar({ quota, granted }) {
  if (quota === null) return make("p", { class: "note" }, t("quotaOpen", { used: String(granted) }));
  const label = t("quotaUsed", { used: String(granted), all: String(quota) });
  return bar(label, [[granted >= quota ? "full" : "spent", granted / quota]]);
}

function budgetBar({ budget, committed, spent }) {
  const told = { spent: money(spent), committed: money(committed) };
  if (budget === null) return make("p", { class: "note" }, t("budgetOpen", told));
  const [paid, promised] = [spent, committed].map(({ amountMinor }) => amountMinor / budget.amountMinor);
  const isFull = paid + promised >= 1;
  return bar(t("budgetUsed", { ...told, all: money(budget) }), [[isFull ? "full" : "spent", paid], [isFull ? "full" : "committed", promised]]);
}

function reasonForm(id, summary, onSend, isRequired) {
  const input = make("input", { type: "text", id, name: "reason", maxlength: 500, required: isRequired });
  return folded(summary, field(t("whyText"), input), summary, ({ reason }) => onSend(reason.value));
}

/** Whole numbers and amounts as somebody typed them; empty is null. Throws what is to be told. */
export const wholeOf = (text) => {
  if (!text.trim()) return null;
  if (!/^\d{1,12}$/.test(text.trim())) throw new Error(t("notNumber", { text }));
  return Number(text);
};

export const amountOf = (text, currency) => {
  if (!text.trim()) return null;
  const minor = minorOf(text, currency);
  if (Number.isNaN(minor)) throw new Error(t("notAnAmount", { text, currency }));
  return minor;
};

const digits = (amount) => (amount === null ? "" : money(amount, { style: "decimal", currency: undefined, useGrouping: false }).replace(",", "."));

function limitsForm({ id, quota, budget, currency }, onSend, onFault) {
  const inputs = [
    field(t("quota"), make("input", { type: "number", min: 1, id: `quota-${id}`, name: "quota", value: quota ?? "" })),
    field(`${t("budget")} (${currency})`, make("input", { type: "text", inputmode: "decimal", id: `budget-${id}`, name: "budget", value: digits(budget) })),
  ];
  return folded(t("changeLimits"), inputs, t("save"), (given) => {
    try {
      onSend({ contractId: id, quota: wholeOf(given.quota.value), budgetMinor: amountOf(given.budget.value, currency) });
    } catch (error) {
      onFault(error);
    }
  });
}

/** One contract; `verbs` are `accept(id, version)`, `decline(id, reason)`, `end(id, reason)`, `limit(input)`. */
export function contractRow(contract, isIssuer, verbs, onFault) {
  const { id, version, state, placeName, issuerName, operatorName, price, worthMax, perStayMax, validUntil, reason } = contract;
  const isLive = state === "OFFERED" || state === "ACTIVE";
  const mayAnswer = isIssuer && state === "OFFERED";
  const notes = [
    isIssuer ? operatorName : placeName, worthMax && t("worthIs", { amount: money(worthMax) }), price && t("priceIs", { amount: money(price) }), t("perStayIs", { n: String(perStayMax) }),
    validUntil && t("untilWhen", { at: clockTime(validUntil, zone) }), reason,
  ];
  return make(
    "li", { "data-id": id },
    make("p", {}, make("span", { class: "name" }, isIssuer ? placeName : issuerName), " ", badge(state)),
    make("p", { class: "note" }, notes.filter(Boolean).join(" · ")),
    isLive && quotaBar(contract),
    isLive && budgetBar(contract),
    mayAnswer && make("p", { class: "actions" }, make("button", { class: "primary", type: "button", onclick: () => verbs.accept(id, version) }, t("accept"))),
    mayAnswer && reasonForm(`decline-${id}`, t("decline"), (text) => verbs.decline(id, text), false),
    isLive && !mayAnswer && limitsForm(contract, verbs.limit, onFault),
    isLive && !mayAnswer && reasonForm(`end-${id}`, t("end"), (text) => verbs.end(id, text), true),
  );
}
