// Questions to terminals about where exactly the car stands, and what became of them.

import { make, redraw } from "../shared/elements.js";
import { form, labelled, note, panel, tick } from "../shared/folds.js";
import { clockTime, language, t } from "../shared/language.js";
import { badge } from "../shared/table.js";
import { zoneOf } from "./known.js";
import * as q from "./queries.js";

const TERMINALS = ["ATTENDANT", "MAP_SERVICE", "SPACE_RECORD"];
const LIVE = ["OPEN", "TAKEN"];

/** Whom one can ask, from what is known. */
const canAsk = ({ placeName, newest }) => ({
  ATTENDANT: placeName !== "",
  MAP_SERVICE: placeName !== "" && newest.coordinates !== null,
  SPACE_RECORD: newest.bays.length > 0,
});

export class Asking {
  list = make("ul", { class: "rows", "aria-live": "polite" });

  constructor(id, ctx) {
    this.ctx = ctx;
    this.radios = TERMINALS.map((value) => make("input", { type: "radio", name: "terminal", value, id: `ask-${id}-${value}`, required: true }));
    this.why = make("p", { class: "note" });
    const words = make("textarea", { id: `ask-${id}-words`, name: "words", rows: 2, maxlength: 500 });
    const fields = [
      make("fieldset", {}, make("legend", {}, t("whom")), this.radios.map((each) => tick(t(`terminal_${each.value}`), each))), this.why,
      labelled(t("askWords"), words),
    ];
    const ask = ({ terminal, words: said }) => ctx.change(id, q.ASK, { id, terminal: terminal.value, words: said.value });
    const asking = form(fields, t("askNow"), ask, { stays: true });
    this.element = panel(`ask-${id}`, t("ask"), this.list, asking);
    asking.addEventListener("reset", () => queueMicrotask(() => this.show(this.position)));
  }

  show(position) {
    this.position = position;
    const can = canAsk(position);
    for (const each of this.radios) {
      each.disabled = !can[each.value];
      if (each.disabled) each.checked = false;
    }
    if (!this.radios.some(({ checked }) => checked)) for (const each of this.radios.slice(0, 1)) each.checked = !each.disabled;
    this.element.querySelector("form button").disabled = !Object.values(can).some(Boolean);
    const missing = [!can.ATTENDANT && "askNoPlace", can.ATTENDANT && !can.MAP_SERVICE && "askNoPoint"].filter(Boolean);
    this.why.textContent = missing.map((key) => t(key)).join(" ");
    const draw = () => this.list.replaceChildren(...position.refinements.map((each) => this.#row(each, position)).reverse());
    redraw(this.list, draw, [position.refinements, language]);
    const open = position.refinements.filter(({ state }) => LIVE.includes(state)).length;
    this.element.firstChild.textContent = open ? `${t("ask")} (${t("asked", { n: open })})` : t("ask");
  }

  #row({ id, terminal, state, words, askedAt, answeredAt, reason }, position) {
    const withdraw = () => this.ctx.change(position.id, q.WITHDRAW, { id });
    return make(
      "li", { "data-id": id },
      make("p", {}, badge(state, t(`question_${state}`)), ` ${t(`terminal_${terminal}`)}`),
      words && make("p", { class: "words" }, words),
      reason && make("p", {}, reason),
      note(clockTime(answeredAt ?? askedAt, zoneOf(position))),
      LIVE.includes(state) && make("p", { class: "actions" }, make("button", { type: "button", onclick: withdraw }, t("askNoMore"))),
    );
  }
}
