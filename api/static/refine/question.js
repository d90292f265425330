// One question of a driver, with what the attendant can do. It tells nothing of whose car it is.

import { make, redraw } from "../shared/elements.js";
import { form, labelled, note, panel, text } from "../shared/folds.js";
import { clockTime, language, t } from "../shared/language.js";
import { badge } from "../shared/table.js";
import { WhereFields, whereText } from "../shared/where.js";
import * as q from "./queries.js";

const LIVE = ["OPEN", "TAKEN"];

const stateOf = ({ state, isMine }) => (state === "TAKEN" && isMine ? "MINE" : state);

/** Its forms stay while it is there; what is known is drawn anew. */
export class QuestionCard {
  facts = make("div", { "aria-live": "polite" });
  turns = make("p", { class: "actions" });

  constructor(id, ctx) {
    this.ctx = ctx;
    this.where = new WhereFields(`answer-${id}`, ctx.ask);
    this.answering = panel(`answer-${id}`, t("answer"), form([note(t("answerAbout")), ...this.where.elements], t("send"), () => this.#answer()));
    this.answering.querySelector("form").addEventListener("reset", () => this.where.fill(null));
    const reason = text(`fail-${id}-reason`, "reason", { required: true, maxlength: 200, value: t("failReason") });
    const fail = (fields) => ctx.act(q.FAIL, { id, reason: fields.reason.value });
    this.failing = panel(`fail-${id}`, t("fail"), form([labelled(t("reason"), reason)], t("send"), fail, { isDanger: true }));
    this.element = make("li", { class: "question", "data-id": id }, this.facts, this.turns, make("div", { class: "folds" }, this.answering, this.failing));
  }

  show(question, timeZone, placeId) {
    const { state, isMine } = question;
    this.question = question;
    redraw(this.facts, () => this.facts.replaceChildren(...this.#facts(question, timeZone)), [question, timeZone, language]);
    redraw(this.turns, () => this.turns.replaceChildren(...this.#turns(question)), [state, isMine, language]);
    const isOthers = state === "TAKEN" && !isMine && !this.ctx.isOperator();
    this.answering.hidden = isOthers || state === "FAILED";
    this.failing.hidden = isOthers || !LIVE.includes(state);
    this.answering.firstChild.textContent = t(state === "ANSWERED" ? "correct" : "answer");
    this.where.at(placeId).catch(this.ctx.fail);
  }

  #facts(question, timeZone) {
    const { words, askedAt, answeredAt, reason } = question;
    const state = stateOf(question);
    return [
      make("p", {}, badge(state, t(`question_${state}`)), " ", make("span", { class: "note" }, t(answeredAt ? "answeredAt" : "asksSince", { at: clockTime(answeredAt ?? askedAt, timeZone) }))),
      words && make("p", { class: "words" }, words),
      reason && make("p", {}, reason),
      make("p", {}, make("span", { class: "note" }, `${t("knownSoFar")}: `), make("strong", {}, whereText(question) || t("nowhere"))),
    ].filter(Boolean);
  }

  #turns({ id, state, isMine }) {
    const button = (name, document) => make("button", { type: "button", onclick: () => this.ctx.act(document, { id }) }, t(name));
    if (state === "OPEN") return [button("take", q.TAKE)];
    return state === "TAKEN" && (isMine || this.ctx.isOperator()) ? [button("handBack", q.HAND_BACK)] : [];
  }

  async #answer() {
    const said = this.where.said();
    if (!Object.keys(said).length) return this.ctx.fail(new Error(t("sayWhere")));
    const { id, version } = this.question;
    return this.ctx.act(q.ANSWER, { input: { requestId: id, version, ...said } });
  }
}
