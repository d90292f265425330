// What an issuer gives: the templates of rights, and the form that makes one.

import { make } from "../shared/elements.js";
import { t } from "../shared/language.js";
import { giftText } from "../shared/right_words.js";
import { badge } from "../shared/table.js";
import { amountOf, wholeOf } from "./contracts.js";

const VALUED = ["MINUTES", "AMOUNT", "PERCENT"];
const WINDOW = /^([01]\d|2[0-3]):([0-5]\d)\s*[-–]\s*([01]\d|2[0-3]):([0-5]\d)$/;
const DAY_MS = 86_400_000;

/** One of them. */
export function specificationRow(specification, archive) {
  const { id, name, state } = specification;
  return make(
    "li", { "data-id": id },
    make("p", {}, make("span", { class: "name" }, name), " ", state === "ARCHIVED" && badge(state)),
    make("p", { class: "note" }, giftText(specification)),
    state === "ACTIVE" && make("p", { class: "actions" }, make("button", { type: "button", onclick: () => archive(id) }, t("archive"))),
  );
}

/** Shows the fields that a kind has. */
export function followKind(form) {
  const { kind, value } = form.elements;
  const isValued = VALUED.includes(kind.value);
  form.querySelector("#s-value-field").hidden = !isValued;
  value.disabled = !isValued;
  form.querySelector("#s-value-label").textContent = isValued ? t(`value_${kind.value}`) : "";
  form.querySelector("#s-worth-field").hidden = kind.value === "AMOUNT";
}

function windowsOf(text) {
  return text.split(/[,，、;；]/).map((each) => each.trim()).filter(Boolean).map((each) => {
    const found = WINDOW.exec(each);
    if (!found) throw new Error(t("badWindows", { text: each }));
    return { startsAt: `${found[1]}:${found[2]}`, endsAt: `${found[3]}:${found[4]}` };
  });
}

/** Midnight of a day on this device's clock; null for none. */
export const midnightOf = (day, daysLater = 0) => (day ? new Date(Date.parse(`${day}T00:00`) + daysLater * DAY_MS).toISOString() : null);

/** The input of the mutation. Throws what is to be told. */
export function specificationOf(form, organisationId) {
  const given = form.elements;
  const [kind, currency] = [given.kind.value, given.currency.value];
  const value = kind === "AMOUNT" ? amountOf(given.value.value, currency) : VALUED.includes(kind) ? wholeOf(given.value.value) : 0;
  return {
    organisationId, name: given.name.value, kind, currency, value,
    worthMaxMinor: kind === "AMOUNT" ? null : amountOf(given.worth.value, currency),
    terms: {
      weekdays: [...form.querySelectorAll("[name=weekdays]:checked")].map((box) => box.value),
      windows: windowsOf(given.windows.value),
      periodFrom: midnightOf(given.periodFrom.value), periodUntil: midnightOf(given.periodUntil.value, 1),
      delayMinutes: wholeOf(given.delayMinutes.value), validMinutes: wholeOf(given.validHours.value) * 60,
      leftover: given.leftover.value, perStayMax: wholeOf(given.perStayMax.value), perVehicleDayMax: wholeOf(given.perVehicleDayMax.value),
      stacks: given.stacks.checked, isTransferable: given.isTransferable.checked, needsPresence: given.needsPresence.checked,
    },
  };
}
