// What the sharer says of where the car stands: at first, more of it, something else, that it moved.

import { make } from "../shared/elements.js";
import { choice, form, labelled, note, panel, text } from "../shared/folds.js";
import { t } from "../shared/language.js";
import { WhereFields } from "../shared/where.js";

const PHOTOS = "image/jpeg,image/png,image/webp";
const CHANGES = ["MOVED", "CORRECTED", "REFINED"];

const photoField = (id) =>
  labelled(t("photo"), make("input", { type: "file", id: `${id}-photo`, name: "photo", accept: PHOTOS, capture: "environment" }));

const placeField = (id, places) => choice(`${id}-place`, "place", [["", t("noPlace")], ...places.map((each) => [each.id, each.name])]);

/** The form by which a position begins, from a booking or by hand. */
export class Recording {
  constructor(ctx) {
    this.ctx = ctx;
    this.booking = choice("record-booking", "booking", []);
    this.place = placeField("record", ctx.known.places);
    this.where = new WhereFields("record", ctx.shell.ask, { hasNote: true });
    this.more = make("p", { class: "note" });
    const title = text("record-title", "title", { maxlength: 100 });
    const fields = [
      labelled(t("whichStay"), this.booking), this.more, labelled(t("titleField"), title),
      this.placeLine = labelled(t("place"), this.place), ...this.where.elements, photoField("record"), note(t("photoNote")),
    ];
    this.element = panel("record", t("record"), form(fields, t("keep"), (elements) => this.#send(elements)));
    this.element.id = "record";
    this.booking.addEventListener("change", () => this.#sayBooking());
    this.element.querySelector("form").addEventListener("reset", () => queueMicrotask(() => this.#sayBooking()));
    this.place.addEventListener("change", () => this.where.at(this.place.value).catch(ctx.shell.fail));
  }

  /** Offers these bookings, and has `wanted` chosen. */
  offer(bookings, wanted = this.booking.value) {
    const { spell } = this.ctx;
    const options = [["", t("byHand")], ...bookings.map((each) => [each.id, spell(each)])];
    if (JSON.stringify([...this.booking.options].map((each) => [each.value, each.text])) === JSON.stringify(options)) return;
    const isFirst = !this.booking.options.length;
    this.booking.replaceChildren(...options.map(([value, label]) => new Option(label, value)));
    const kept = options.find(([value]) => value === wanted && (value || !isFirst)) ?? options[1] ?? options[0];
    this.booking.value = kept[0];
    this.#sayBooking();
  }

  offerPlaces(places) {
    const options = [["", t("noPlace")], ...places.map(({ id, name }) => [id, name])];
    if (this.place.options.length !== options.length) this.place.replaceChildren(...options.map(([value, label]) => new Option(label, value)));
  }

  #sayBooking() {
    const isBooked = this.booking.value !== "";
    this.placeLine.hidden = isBooked;
    this.more.textContent = t(isBooked ? "bookingNote" : "byHandNote");
    const booked = this.ctx.known.bookings.find(({ id }) => id === this.booking.value);
    this.where.at(isBooked ? booked?.place?.id ?? null : this.place.value).catch(this.ctx.shell.fail);
  }

  async #send({ booking, place, title, photo }) {
    const said = this.where.said();
    const where = booking.value ? { reservationId: booking.value } : place.value ? { placeId: place.value } : {};
    const file = photo.files[0];
    if (!booking.value && !place.value && !Object.keys(said).length)
      return this.ctx.shell.fail(new Error(t(file ? "photoNeedsMore" : "sayOneThing")));
    const made = await this.ctx.record({ ...where, ...said, title: title.value }, file);
    if (made) this.where.fill(null);
    return made;
  }
}

/** What changes a position that there is. */
export class Changing {
  constructor(id, ctx) {
    this.ctx = ctx;
    this.kind = choice(`change-${id}-kind`, "kind", CHANGES.map((each) => [each, t(`change_${each}`)]));
    this.about = make("p", { class: "note" });
    this.place = placeField(`change-${id}`, ctx.known.places);
    this.where = new WhereFields(`change-${id}`, ctx.shell.ask, { hasNote: true });
    this.photo = make("div", {}, photoField(`change-${id}`));
    const fields = [labelled(t("whatChanged"), this.kind), this.about, labelled(t("place"), this.place), ...this.where.elements, this.photo];
    this.element = panel(`change-${id}`, t("change"), form(fields, t("save"), (elements) => this.#send(elements)));
    this.element.addEventListener("toggle", () => this.element.open && this.#begin());
    this.kind.addEventListener("change", () => this.#begin());
    this.place.addEventListener("change", () => this.where.at(this.place.value).catch(ctx.shell.fail));
    this.element.querySelector("form").addEventListener("reset", () => queueMicrotask(() => this.#begin()));
  }

  show(position) {
    this.position = position;
    this.photo.hidden = !position.takesPhotos;
  }

  /** From what is known, if that is to be corrected; else from nothing. */
  #begin() {
    const { newest, place } = this.position;
    const places = this.ctx.known.places;
    const options = place && !places.some(({ id }) => id === place.id) ? [...places, place] : places;
    this.place.replaceChildren(new Option(t("noPlace"), ""), ...options.map(({ id, name }) => new Option(name, id)));
    this.place.value = place?.id ?? "";
    this.about.textContent = t(`about_${this.kind.value}`);
    this.before = this.kind.value === "CORRECTED" ? newest : null;
    this.where.fill(this.before);
    this.where.at(this.place.value).catch(this.ctx.shell.fail);
  }

  async #send({ kind, place, photo }) {
    const { position, ctx } = this;
    const said = this.where.said(this.before);
    const wasPlace = position.place?.id ?? "";
    if (kind.value === "MOVED" ? place.value : place.value !== wasPlace) said.placeId = place.value || null;
    const file = photo.files[0];
    const isNothing = !Object.keys(said).length || (kind.value === "MOVED" && Object.keys(said).join() === "placeId" && !place.value);
    if (isNothing && !file) return ctx.shell.fail(new Error(t("sayOneThing")));
    return ctx.revise({ positionId: position.id, kind: kind.value, ...said }, file);
  }
}
