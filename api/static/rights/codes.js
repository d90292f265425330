// Grant codes: the form that makes them, and the list with what can be done.

import { field, folded } from "../shared/disputes.js";
import { make } from "../shared/elements.js";
import { clockTime, t } from "../shared/language.js";
import { giftText } from "../shared/right_words.js";
import { badge, table } from "../shared/table.js";
import { wholeOf } from "./contracts.js";

const GIVING = ["ACTIVE", "NOT_YET_VALID"];
const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Whether it gives something, now or later. */
export const isGiving = ({ state }) => GIVING.includes(state);

/** Whether it can be put on paper; a code that is given away gives again when something of it lapses. */
export const isPrintable = (code) => code.kind === "STATIC" && (isGiving(code) || code.state === "EXHAUSTED");

/** Fills a list of choices, `[value, text]` each; what is chosen stays, and an open list is left alone. */
export function fillSelect(select, choices) {
  if (select.dataset.filled === JSON.stringify(choices)) return;
  const chosen = select.value;
  select.dataset.filled = JSON.stringify(choices);
  select.replaceChildren(...choices.map(([value, text]) => new Option(text, value)));
  if (choices.some(([value]) => value === chosen)) select.value = chosen;
}

/** What a new code may be of. */
export function fillChoices(form, specifications, contracts) {
  const live = ({ state }) => state === "ACTIVE";
  fillSelect(form.elements.specification, specifications.filter(live).map(({ id, name }) => [id, name]));
  fillSelect(form.elements.contract, contracts.filter(live).map(({ id, placeName, operatorName }) => [id, `${placeName} · ${operatorName}`]));
}

/** The input of the mutation. Throws what is to be told. */
export function codesOf(form) {
  const given = form.elements;
  return {
    specificationId: given.specification.value, contractId: given.contract.value, kind: given.kind.value, label: given.label.value,
    count: wholeOf(given.count.value), usesMax: wholeOf(given.usesMax.value), needsReference: given.needsReference.checked,
    validUntil: given.validUntil.value ? new Date(given.validUntil.value).toISOString() : null, radiusMetres: wholeOf(given.radius.value),
  };
}

function reasonForm(id, key, onSend) {
  const input = make("input", { type: "text", id, name: "reason", maxlength: 500, required: true });
  return folded(t(key), field(t("whyText"), input), t(key), ({ reason }) => onSend(reason.value));
}

function actions(code, { print, revoke, reissue }) {
  if (!isGiving(code) && code.state !== "EXHAUSTED") return code.reason || "";
  const { id } = code;
  return make(
    "div", {},
    make(
      "p", { class: "actions" },
      isPrintable(code) && make("button", { type: "button", onclick: () => print(code) }, t("print")),
      code.kind === "ROTATING" && make("a", { href: `counter/${encodeURIComponent(id)}` }, t("screen")),
    ),
    reasonForm(`revoke-${id}`, "revoke", (reason) => revoke(id, reason)),
    isGiving(code) && reasonForm(`reissue-${id}`, "reissue", (reason) => reissue(id, reason)),
  );
}

const usesText = ({ uses, usesMax }) => (usesMax === null ? String(uses) : t("ofMax", { used: String(uses), all: String(usesMax) }));

/** The codes, the newest first. */
export function codesTable(codes, verbs) {
  const heads = [{ text: t("codes") }, { text: t("what") }, { text: t("state") }, { text: t("uses"), isNumber: true }, { text: t("until") }, { text: "" }];
  const rows = codes.map((code) => {
    const { label, link, kind, state, specification, worthMax, contract, validUntil, place } = code;
    return [
      make("span", {}, make("a", { href: `.${link}`, class: "name" }, label || `…${link.slice(-4)}`), make("span", { class: "note" }, ` ${t(kind)}`)),
      make("span", {}, specification ? giftText({ ...specification, worthMax }) : "–", make("span", { class: "note" }, ` ${contract?.placeName ?? ""}`)),
      badge(state), usesText(code), validUntil ? clockTime(validUntil, place?.timeZone ?? HERE) : "–", actions(code, verbs),
    ];
  });
  return table(t("codes"), heads, rows);
}
