// Disputes as lists with what can be done: the lessor's page and the platform's share it.

import { make } from "./elements.js";
import { clockTime, minorOf, money, t } from "./language.js";
import { badge } from "./table.js";

const EVIDENCE_MAX = 4000;

export const DISPUTE = `
  id state party reason decision openedAt answerUntil appealUntil version
  amount { amountMinor currency } frozen { amountMinor currency } toDriver { amountMinor currency }
  evidence { party text at } settlement { id place { name } chargeRecords { number link } }`;

const REFUSAL = "... on Refusal { code message }";

export const ADD_EVIDENCE = /* GraphQL */ `
  mutation AddDisputeEvidence($id: ID!, $text: String!, $key: String!) {
    addDisputeEvidence(disputeId: $id, text: $text, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const APPEAL = /* GraphQL */ `
  mutation AppealDispute($id: ID!, $text: String!, $key: String!) {
    appealDispute(disputeId: $id, reason: $text, idempotencyKey: $key) { __typename ${REFUSAL} }
  }`;

export const DECIDE = /* GraphQL */ `
  mutation DecideDispute($id: ID!, $toDriver: MinorUnits!, $decision: String!, $key: String!) {
    decideDispute(disputeId: $id, toDriverMinor: $toDriver, decision: $decision, idempotencyKey: $key) {
      __typename ${REFUSAL}
    }
  }`;

/** One field with its label; `name` makes its id unique. */
export function field(label, element) {
  const { id } = element;
  return make("p", { class: "field" }, make("label", { for: id }, label), element);
}

/** A form in a `details`; `onSend` gets its fields by name. */
export function folded(summary, fields, button, onSend) {
  const send = (event) => (event.preventDefault(), onSend(event.target.elements));
  const form = make("form", { onsubmit: send }, fields, make("p", { class: "actions" }, make("button", {}, button)));
  return make("details", {}, make("summary", {}, summary), form);
}

function textForm(id, summary, onSend) {
  const area = make("textarea", { id, name: "text", rows: 3, maxlength: EVIDENCE_MAX, required: true });
  return folded(summary, field(t("whyText"), area), t("send"), (fields) => onSend(fields.text.value));
}

function decideForm({ id, amount }, onSend, onFault) {
  const { currency } = amount;
  const inputs = [
    field(t("toDriver", { currency }), make("input", { type: "text", inputmode: "decimal", id: `d-${id}`, name: "amount", required: true })),
    field(t("decision"), make("textarea", { id: `w-${id}`, name: "decision", rows: 3, maxlength: EVIDENCE_MAX, required: true })),
  ];
  return folded(t("decide"), inputs, t("decide"), ({ amount: typed, decision }) => {
    const toDriver = minorOf(typed.value, currency);
    if (Number.isNaN(toDriver)) return onFault(new Error(t("notAnAmount", { text: typed.value, currency })));
    onSend(toDriver, decision.value);
  });
}

/** A dispute with its evidence; `verbs` are those the reader may use. */
export function disputeRow(dispute, timeZone, verbs, onFault) {
  const { id, state, settlement } = dispute;
  const bill = settlement?.chargeRecords[0];
  const isOpen = state === "OPEN" || state === "APPEALED";
  const note = (key, at) => at && make("p", { class: "note" }, t(key, { at: clockTime(at, timeZone) }));
  const said = dispute.evidence.map(({ party, text, at }) =>
    make("li", {}, `${t(party)}, ${clockTime(at, timeZone)}: ${text}`));
  return make(
    "li", { "data-id": id },
    make("p", {}, badge(state, t(`dispute_${state}`)), " ", make("span", { class: "name" }, t("disputed", { amount: money(dispute.amount) })),
      ` · ${t(dispute.party)} · ${clockTime(dispute.openedAt, timeZone)}`),
    make("p", {}, dispute.reason),
    make("p", { class: "note" }, [settlement?.place?.name, t("frozen", { amount: money(dispute.frozen) })].filter(Boolean).join(" · "),
      bill && [" · ", make("a", { href: `.${bill.link}` }, bill.number)]),
    dispute.toDriver && make("p", {}, t("decisionWas", { amount: money(dispute.toDriver), decision: dispute.decision })),
    isOpen && note("answerUntil", dispute.answerUntil),
    state === "DECIDED" && note("appealUntil", dispute.appealUntil),
    said.length > 0 && make("details", {}, make("summary", {}, `${t("evidence")} (${said.length})`), make("ul", {}, said)),
    isOpen && verbs.say && textForm(`say-${id}`, t("addEvidence"), (text) => verbs.say(id, text)),
    state === "DECIDED" && verbs.appeal && textForm(`appeal-${id}`, t("appeal"), (text) => verbs.appeal(id, text)),
    isOpen && verbs.decide && decideForm(dispute, (toDriver, decision) => verbs.decide(id, toDriver, decision), onFault),
  );
}
