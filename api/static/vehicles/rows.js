// One vehicle: its code, what it holds, and who has proof that its driver may speak for it.

import { field, folded } from "../shared/disputes.js";
import { make } from "../shared/elements.js";
import { clockTime, t } from "../shared/language.js";
import { giftText, stretchText } from "../shared/right_words.js";
import { badge } from "../shared/table.js";

const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
const note = (text) => make("p", { class: "note" }, text);
const text = (id, name, more = {}) => make("input", { type: "text", id, name, autocomplete: "off", ...more });
const STAYS = [1, 2, 3, 4, 6, 8, 12, 24];
const WORD = { required: true, minlength: 6, maxlength: 48, autocapitalize: "off", autocorrect: "off", spellcheck: "false" };

/** A vehicle as a list item; `acts` are what can be done with it. */
export function vehicleRow(vehicle, places, acts) {
  const { plate, country, name } = vehicle;
  return make(
    "li", { class: "vehicle", "data-id": vehicle.id },
    make("h3", {}, make("span", { class: "plate" }, plate), ` ${[country, name].filter(Boolean).join(" · ")}`),
    make("h4", {}, t("rights")), rightsOf(vehicle, acts),
    make("h4", {}, t("code")), codeOf(vehicle, acts),
    make("h4", {}, t("proofs")), proofsOf(vehicle, places, acts),
    folded(t("rename"), [field(t("nameLabel"), text(`name-${vehicle.id}`, "name", { maxlength: 100, value: name }))], t("save"),
      (given) => acts.rename(vehicle.id, given.name.value)),
    sure(t("remove"), t("removeNote"), () => acts.remove(vehicle.id)),
  );
}

function codeOf({ id, hasCode, codeSetAt }, acts) {
  const word = field(t("word"), text(`word-${id}`, "word", { ...WORD, "aria-describedby": `word-hint-${id}` }));
  const hint = make("p", { class: "note", id: `word-hint-${id}` }, t("wordHint"));
  return make(
    "div", {},
    make("p", {}, hasCode ? t("hasCode", { at: clockTime(codeSetAt, own) }) : t("hasNoCode")),
    folded(t(hasCode ? "changeCode" : "setCode"), [word, hint, hasCode ? note(t("changeNote")) : ""], t("makeCode"),
      (given) => acts.setCode(id, given.word.value)),
    hasCode && sure(t("deleteCode"), t("hasNoCode"), () => acts.deleteCode(id)),
  );
}

function rightsOf({ id, rights: { nodes } }, acts) {
  if (!nodes.length) return note(t("noRights"));
  return make("ul", { class: "rights" }, nodes.map((right) => rightRow(right, id, acts)));
}

function rightRow(right, vehicle, acts) {
  const { id, state, kind, issuerName, placeName, place, validFrom, validUntil, timeZone, isTransferable } = right;
  const isLater = Date.parse(validFrom) > Date.now();
  const when = [isLater && t("from", { at: clockTime(validFrom, timeZone) }), t("until", { at: clockTime(validUntil, timeZone) })];
  const isHeld = state === "HELD";
  return make(
    "li", {},
    make("p", {}, make("span", { class: "name" }, giftText(right)), " ", badge(isHeld ? "ACTIVE" : "CONFIRMED", t(state))),
    note(`${issuerName} · ${placeName}`),
    note(isHeld ? when.filter(Boolean).join(" · ") : t("inStay")),
    isHeld && !isLater && kind === "ACCESS" && place && enterForm(id, (hours) => acts.enter(vehicle, place.id, hours)),
    isHeld && isTransferable && folded(t("transfer"), [field(t("toCode"), text(`to-${id}`, "code", { ...WORD, minlength: null, maxlength: 100 }))],
      t("give"), (given) => acts.transfer(id, given.code.value)),
  );
}

function enterForm(id, act) {
  const select = make("select", { id: `stay-${id}`, name: "hours" });
  for (const hours of STAYS) select.add(new Option(stretchText(hours * 60), hours));
  return folded(t("enter"), [note(t("enterNote")), field(t("stay"), select)], t("enter"), (given) => act(Number(given.hours.value)));
}

function proofsOf({ id, proofs }, places, acts) {
  const select = make("select", { id: `place-${id}`, name: "place", required: true });
  for (const place of places) select.add(new Option(place.name, place.id));
  return make(
    "div", {},
    proofs.length ? make("ul", { class: "rights" }, proofs.map(proofRow)) : note(t("proofAbout")),
    places.length > 0 && folded(t("proofAsk"), [
      field(t("place"), select),
      field(t("document"), text(`document-${id}`, "document", { required: true, maxlength: 300 })),
    ], t("send"), (given) => acts.askProof(id, given.place.value, given.document.value)),
  );
}

const STATE_LOOKS = { REQUESTED: "REQUESTED", APPROVED: "APPROVED", DECLINED: "REFUSED", REVOKED: "REFUSED" };

const proofRow = ({ organisationName, state, reason }) =>
  make("li", {}, make("span", {}, `${organisationName} `), badge(STATE_LOOKS[state], t(state)), reason ? note(reason) : "");

/** What cannot be undone asks once more. */
const sure = (label, warning, act) => folded(label, [note(warning)], t("yes"), act);
