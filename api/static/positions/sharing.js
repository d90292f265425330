// Who sees it: bindings of two people with the consent of both, and invitations to them.

import { make, redraw } from "../shared/elements.js";
import { choice, form, labelled, note, panel, text, tick } from "../shared/folds.js";
import { clockTime, language, t } from "../shared/language.js";
import { badge } from "../shared/table.js";
import { hand } from "./handed.js";
import { HERE, typedTime } from "./parts.js";
import * as q from "./queries.js";

const LIVE = ["REQUESTED", "ACTIVE"];
const NAME = { maxlength: 60, pattern: "[^\\/@\\\\]+" };

export const isLive = ({ state }) => LIVE.includes(state);

/** How far somebody sees, in words. */
export function scopeText({ scope, until, side, position }) {
  const at = until && clockTime(until, HERE);
  if (scope === "ONE_STAY" && position) return t("scope_ONE_STAY_of", { title: position.title || position.placeName || t("untitled") });
  return t(`scope_${scope}_${side}`, { at });
}

/** Takes it back; a sharer may close the links along with it, for nobody knows which of them the other has. */
function unbinding({ id, side }, ctx, where) {
  const [key, isSharer] = [`unbind-${where}-${id}`, side === "SHARER"];
  const closing = make("input", { type: "checkbox", id: `${key}-links`, name: "closing" });
  const fields = [note(t(isSharer ? "unshareNote" : "unseeNote")), isSharer && tick(t("closeLinks"), closing)];
  const send = () => ctx.change(null, q.UNBIND, { id, closeLinks: isSharer && closing.checked });
  return panel(key, t(isSharer ? "unshare" : "unsee"), form(fields, t("yes"), send, { isDanger: true }));
}

/** One binding with what can be done about it; `where` tells it from the same one elsewhere on the page. */
export function bindingRow(binding, ctx, where) {
  const { id, state, side, name, way, askedAt, answerUntil } = binding;
  const rename = ({ name: given }) => ctx.change(null, q.RENAME, { id, name: given.value });
  const isAsked = state === "REQUESTED";
  return make(
    "li", { "data-id": id },
    make("p", {}, make("span", { class: "name" }, name || t("somebody")), " ", badge(state, t(`binding_${state}`))),
    make("p", {}, scopeText(binding)),
    note(isAsked ? t("answerUntil", { way: t(`way_${way}`), at: clockTime(answerUntil, HERE) }) : t("since", { at: clockTime(binding.answeredAt ?? askedAt, HERE) })),
    isLive(binding) && make(
      "div", { class: "folds" },
      !isAsked && panel(`rename-${where}-${id}`, t("rename"), form(
        [labelled(t("theirName"), text(`rename-${where}-${id}-name`, "name", { ...NAME, value: name }))], t("save"), rename)),
      unbinding(binding, ctx, where),
    ),
  );
}

/** Asks somebody. Of a position: to see it; else: to see all of one's cars, or to be shown theirs. */
export class Inviting {
  handed = make("div", { role: "status" });

  constructor(id, ctx, positionId = null) {
    Object.assign(this, { ctx, positionId });
    this.side = choice(`invite-${id}-side`, "side", ["SHARER", "RECEIVER"].map((each) => [each, t(`side_${each}`)]));
    this.scope = choice(`invite-${id}-scope`, "scope", []);
    this.way = choice(`invite-${id}-way`, "way", ["LINK", "PHONE", "WECHAT"].map((each) => [each, t(`way_${each}`)]));
    this.until = make("input", { type: "datetime-local", id: `invite-${id}-until`, name: "until" });
    this.phone = make("input", { type: "tel", id: `invite-${id}-phone`, name: "phone", autocomplete: "off", maxlength: 40 });
    const own = text(`invite-${id}-own`, "own", { ...NAME, required: true, value: ctx.known.name });
    const their = text(`invite-${id}-their`, "their", NAME);
    this.untilLine = labelled(t("untilField"), this.until);
    this.phoneLine = labelled(t("phone"), this.phone);
    const fields = [
      positionId === null && labelled(t("sideField"), this.side), labelled(t("scopeField"), this.scope), this.untilLine,
      labelled(t("wayField"), this.way), this.phoneLine, labelled(t("ownName"), own), labelled(t("theirName"), their), note(t("nameNote")),
    ];
    const made = form(fields, t("invite"), (elements) => this.#send(elements).catch(ctx.shell.fail));
    this.element = make("div", {}, this.handed, panel(`invite-${id}`, t("inviteSomebody"), made));
    made.addEventListener("reset", () => queueMicrotask(() => this.#say()));
    for (const each of [this.side, this.scope, this.way]) each.addEventListener("change", () => this.#say());
    this.#say();
  }

  get #side() {
    return this.positionId === null ? this.side.value : "SHARER";
  }

  #say() {
    const scopes = this.positionId !== null || this.#side === "RECEIVER" ? ["ONE_STAY", "UNTIL", "ALWAYS"] : ["UNTIL", "ALWAYS"];
    const kept = this.scope.value;
    this.scope.replaceChildren(...scopes.map((each) => new Option(t(`wish_${each}_${this.#side}`), each)));
    if (scopes.includes(kept)) this.scope.value = kept;
    this.untilLine.hidden = !(this.until.required = this.scope.value === "UNTIL");
    this.phoneLine.hidden = !(this.phone.required = this.way.value === "PHONE");
  }

  async #send({ scope, way, until, phone, own, their }) {
    const { ctx, positionId } = this;
    const input = {
      side: this.#side, way: way.value, scope: scope.value, ownName: own.value, theirName: their.value, locale: way.value === "PHONE" ? language : null,
      positionId: scope.value === "ONE_STAY" ? positionId : null, until: scope.value === "UNTIL" ? typedTime(until.value, HERE) : null,
      phone: way.value === "PHONE" ? phone.value : null,
    };
    const done = await ctx.change(positionId, q.INVITE, { input });
    this.asked = done?.binding.id;
    if (done?.invitationPath) hand(this.handed, done.invitationPath, t(way.value === "PHONE" ? "invitedPhone" : "invited"), ctx);
    return done;
  }
}

/** Who sees one position now, and who was asked to. */
export class Sharing {
  list = make("ul", { class: "rows", "aria-live": "polite" });

  constructor(id, ctx) {
    this.ctx = ctx;
    this.inviting = new Inviting(id, ctx, id);
    this.element = panel(`sees-${id}`, t("sees"), this.list, this.inviting.element);
  }

  show(position) {
    const { receivers, id } = position;
    const agreed = receivers.map((each) => each.id);
    const asked = this.ctx.known.bindings.filter((each) => each.state === "REQUESTED" && each.side === "SHARER" && each.position?.id === id);
    const shown = [...receivers, ...asked.filter((each) => !agreed.includes(each.id))];
    if (agreed.includes(this.inviting.asked)) this.inviting.handed.replaceChildren(); // it is good once
    const rows = () => (shown.length ? shown.map((each) => bindingRow(each, this.ctx, "card")) : [make("li", { class: "note" }, t("seesNobody"))]);
    redraw(this.list, () => this.list.replaceChildren(...rows()), [shown, language]);
    this.element.firstChild.textContent = receivers.length ? `${t("sees")} (${receivers.length})` : t("sees");
  }
}
