// A right to fetch the car: apart from seeing where it stands, for one exit.

import { make, redraw } from "../shared/elements.js";
import { choice, form, labelled, note, panel, sure, text } from "../shared/folds.js";
import { clockTime, language, minorOf, money, t } from "../shared/language.js";
import { badge } from "../shared/table.js";
import { wallTime } from "../shared/times.js";
import { hand } from "./handed.js";
import { zoneOf } from "./known.js";
import { typedTime, zoneNote } from "./parts.js";
import * as q from "./queries.js";

const LIVE = ["OFFERED", "ACTIVE", "LEAVING"];
const DAY_MS = 86_400_000;

export const isLiveExit = ({ state }) => LIVE.includes(state);

function paysText({ payer, amountMax, paid, isOwn }) {
  if (payer === "OWNER") return t(isOwn ? "pays_you" : "pays_owner");
  if (paid) return t(isOwn ? "paid_fetcher" : "paid_me", { amount: money(paid) });
  return t(isOwn ? "pays_fetcher" : "pays_me", { amount: money(amountMax) });
}

/** One right, for whose car it is or who is to fetch it. */
export function delegationRow(delegation, ctx, positionId = null) {
  const { id, isOwn, label, state, validUntil, openedAt, usedAt, endedAt, placeName, timeZone } = delegation;
  const at = (iso) => clockTime(iso, timeZone);
  const when = usedAt ? t("usedAt", { at: at(usedAt) }) : endedAt ? t("endedAt", { at: at(endedAt) }) : openedAt ? t("openedAt", { at: at(openedAt) }) : t("goodUntil", { at: at(validUntil) });
  const name = isOwn ? label || t("whoeverHasIt") : placeName;
  const mayHandBack = isLiveExit(delegation) && (isOwn || state !== "LEAVING");
  return make(
    "li", { "data-id": id },
    make("p", {}, make("span", { class: "name" }, name), " ", badge(state, t(`exit_${state}`))),
    make("p", {}, paysText(delegation)),
    note(when),
    !isOwn && isLiveExit(delegation) && note(t("fetchBySent")),
    mayHandBack && sure(`unfetch-${id}`, t(isOwn ? "unfetch" : "handBack"), t(isOwn ? "unfetchNote" : "handBackNote"), () => ctx.change(positionId, q.REVOKE_EXIT, { id })),
  );
}

export class Fetching {
  list = make("ul", { class: "rows", "aria-live": "polite" });
  handed = make("div", { role: "status" });
  zone = make("div");
  none = make("p", { class: "note" });

  constructor(id, ctx) {
    this.ctx = ctx;
    this.who = choice(`fetch-${id}-who`, "who", []);
    this.phone = make("input", { type: "tel", id: `fetch-${id}-phone`, name: "phone", maxlength: 40, autocomplete: "off" });
    this.payer = choice(`fetch-${id}-payer`, "payer", ["OWNER", "FETCHER"].map((each) => [each, t(`payer_${each}`)]));
    this.amount = text(`fetch-${id}-amount`, "amount", { inputmode: "decimal", maxlength: 12 });
    this.until = make("input", { type: "datetime-local", id: `fetch-${id}-until`, name: "until", required: true });
    this.phoneLine = labelled(t("phone"), this.phone);
    this.amountName = make("span");
    this.amountLine = make("label", { class: "field" }, this.amountName, this.amount);
    const fields = [
      labelled(t("fetcher"), this.who), this.phoneLine, labelled(t("fetchLabel"), text(`fetch-${id}-label`, "label", { maxlength: 100 })),
      labelled(t("goodUntilField"), this.until), this.zone, labelled(t("payerField"), this.payer), this.amountLine,
    ];
    const made = form(fields, t("delegate"), (elements) => this.#send(id, elements).catch(ctx.shell.fail));
    this.asking = panel(`fetch-${id}`, t("newFetch"), made);
    this.element = panel(`fetching-${id}`, t("fetching"), note(t("fetchingAbout")), this.none, this.list, this.handed, this.asking);
    for (const each of [this.who, this.payer]) each.addEventListener("change", () => this.#say());
    this.asking.addEventListener("toggle", () => this.asking.open && this.#propose());
    made.addEventListener("reset", () => queueMicrotask(() => this.#say()));
  }

  show(position) {
    const { reservation, receivers, id } = position;
    const rights = reservation?.exitDelegations ?? [];
    const [live] = rights.filter(isLiveExit);
    Object.assign(this, { position });
    redraw(this.list, () => this.list.replaceChildren(...rights.map((each) => delegationRow(each, this.ctx, id))), [rights, language]);
    redraw(this.zone, () => this.zone.replaceChildren(zoneNote(zoneOf(position)) || ""), [zoneOf(position), language]);
    this.none.hidden = Boolean(reservation);
    this.none.textContent = t("fetchNoBooking");
    this.asking.hidden = !reservation || Boolean(live);
    if (!live) this.handed.replaceChildren();
    const people = receivers.map((each) => [each.id, each.name || t("somebody")]);
    const options = [["", t("fetch_address")], ["phone", t("fetch_phone")], ...people];
    redraw(this.who, () => {
      const kept = this.who.value;
      this.who.replaceChildren(...options.map(([value, label]) => new Option(label, value)));
      if (options.some(([value]) => value === kept)) this.who.value = kept;
    }, [options, language]);
    this.element.firstChild.textContent = live ? `${t("fetching")} (${t(`exit_${live.state}`)})` : t("fetching");
    this.#say();
  }

  #propose() {
    const zone = zoneOf(this.position);
    const end = Date.parse(this.position.reservation.endsAt);
    if (!this.until.value) this.until.value = wallTime(zone, end > Date.now() ? end : Date.now() + DAY_MS);
  }

  #say() {
    this.phoneLine.hidden = !(this.phone.required = this.who.value === "phone");
    this.amountLine.hidden = !(this.amount.required = this.payer.value === "FETCHER");
    this.amountName.textContent = t("amountMax", { currency: this.position?.reservation?.price.currency ?? "" });
  }

  async #send(id, { who, phone, label, until, payer, amount }) {
    const { reservation } = this.position;
    const { currency } = reservation.price;
    const most = payer.value === "FETCHER" ? minorOf(amount.value, currency) : null;
    if (Number.isNaN(most)) throw new Error(t("notAnAmount", { text: amount.value, currency }));
    const isPhone = who.value === "phone";
    const input = {
      reservationId: reservation.id, payer: payer.value, validUntil: typedTime(until.value, zoneOf(this.position)), label: label.value,
      amountMaxMinor: most, bindingId: isPhone ? null : who.value || null, phone: isPhone ? phone.value : null, locale: isPhone ? language : null,
    };
    const done = await this.ctx.change(id, q.DELEGATE, { input });
    if (done?.link) hand(this.handed, done.link, t(isPhone || who.value ? "delegatedTold" : "delegated"), this.ctx);
    return done;
  }
}
