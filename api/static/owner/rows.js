// The lists of the owner's page, as elements.

import { make } from "../shared/elements.js";
import { badge, table } from "../shared/table.js";
import { clockTime, locale, money, t } from "./words.js";

const stateText = (state) => t(state === "ACTIVE" ? "booking_ACTIVE" : state);

/** Where a booking is: of a place that is private to others, what the agreement says of it. */
export function whereOf({ space, place, agreement }) {
  const terms = agreement ? JSON.parse(agreement.terms) : {};
  return {
    number: space?.number ?? terms.space?.number ?? "–",
    place: place?.name ?? terms.place?.name ?? "",
    timeZone: place?.timeZone ?? terms.place?.time_zone ?? "UTC",
  };
}

/** From when until when, in the place's own zone. */
export function windowText({ startsAt, endsAt }, timeZone) {
  const day = { timeZone, weekday: "short", day: "numeric", month: "short" };
  const time = { timeZone, hour: "2-digit", minute: "2-digit" };
  const [start, end] = [new Date(startsAt), new Date(endsAt)];
  const [from, until] = [start, end].map((at) => at.toLocaleDateString(locale(), day));
  const clock = (at) => at.toLocaleTimeString(locale(), time);
  return from === until ? `${from} ${clock(start)} – ${clock(end)}` : `${from} ${clock(start)} – ${until} ${clock(end)}`;
}

function reasonForm(id, label, onSend) {
  const field = make("input", { type: "text", id, name: "reason", maxlength: 500 });
  const form = make(
    "form", { onsubmit: (event) => (event.preventDefault(), onSend(field.value)) },
    make("p", {}, make("label", { for: id }, t("reason"))), make("p", {}, field),
    make("p", { class: "actions" }, make("button", { class: "danger" }, label)),
  );
  return form;
}

/** A request with its two answers. */
export function requestRow(booking, { accept, decline }) {
  const where = whereOf(booking);
  return make(
    "li", { "data-id": booking.id },
    make("p", { class: "name" }, `${where.number} · ${where.place}`),
    make("p", {}, windowText(booking, where.timeZone), " · ", money(booking.price)),
    booking.holdUntil && make("p", { class: "note" }, t("answerBy", { at: clockTime(booking.holdUntil, where.timeZone) })),
    make("div", { class: "actions" }, make("button", { class: "primary", type: "button", onclick: () => accept(booking.id) }, t("accept"))),
    make("details", {}, make("summary", {}, t("decline")), reasonForm(`no-${booking.id}`, t("decline"), (reason) => decline(booking.id, reason))),
  );
}

/** A listing with what can be done to it. */
export function listingRow(listing, isChosen, { choose, change, download }) {
  const verbs = { DRAFT: ["activate", "withdraw"], ACTIVE: ["pause", "withdraw"], PAUSED: ["activate", "withdraw"], WITHDRAWN: [] };
  const button = (text, onclick, more = {}) => make("button", { type: "button", onclick, ...more }, text);
  return make(
    "li", {},
    make("p", {}, make("span", { class: "name" }, listing.name), " ", badge(listing.state)),
    make("p", { class: "note" }, `${listing.placeName} · ${t("spaces", { n: listing.spaceCount })} · ${t(listing.mode)}`),
    make(
      "div", { class: "actions" },
      button(t("show"), () => choose(listing.id), { "aria-pressed": String(isChosen) }),
      verbs[listing.state].map((verb) => button(t(verb), () => change(verb, listing.id))),
      button(t("calendarFile"), () => download(listing.id)),
    ),
  );
}

const nothing = (key) => make("p", { class: "note" }, t(key));

/** Bookings now and ahead, the next first. */
export function bookingsTable(bookings, cancel) {
  if (!bookings.length) return nothing("noBookings");
  const heads = [{ text: t("when") }, { text: t("bay") }, { text: t("state") }, { text: t("who") }, { text: t("price"), isNumber: true }, { text: "" }];
  const rows = bookings.map((booking) => {
    const where = whereOf(booking);
    const may = ["REQUESTED", "PENDING_PAYMENT", "CONFIRMED"].includes(booking.state);
    const form = () => reasonForm(`cancel-${booking.id}`, t("cancelWhole"), (reason) => cancel(booking.id, reason));
    return [
      windowText(booking, where.timeZone),
      make("span", {}, where.number, make("span", { class: "note" }, ` ${where.place}`)),
      badge(booking.state, stateText(booking.state)),
      [booking.guestName, booking.plate].filter(Boolean).join(" · ") || "–",
      money(booking.price),
      may ? make("details", {}, make("summary", {}, t("cancel")), form()) : "",
    ];
  });
  return table(t("bookings"), heads, rows);
}

/** What was shown at the bays' readers, the newest first. */
export function accessTable(events) {
  if (!events.length) return nothing("noAccess");
  const heads = [{ text: t("when") }, { text: t("bay") }, { text: t("kind") }, { text: t("outcome") }];
  const rows = events.map(({ at, kind, outcome, isOffline, where }) => [
    clockTime(at, where.timeZone), where.number, t(kind),
    make(
      "span", {},
      badge(outcome === "GRANTED" ? "GRANTED" : "REFUSED", outcome === "GRANTED" ? t("GRANTED") : t("refused", { code: outcome })),
      isOffline ? make("span", { class: "note" }, ` ${t("offline_reader")}`) : null,
    ),
  ]);
  return table(t("access"), heads, rows);
}

/** Sums by line of the price, one table for each currency. */
export function earningsTables(earnings) {
  if (!earnings.length) return nothing("noEarnings");
  const heads = [{ text: t("line") }, { text: t("stays"), isNumber: true }, { text: t("amount"), isNumber: true }];
  return make("div", {}, earnings.map(({ currency, stays, amountMinor, lines }) => table(
    `${t("earnings")} ${currency}`, heads,
    lines.map((line) => [line.name || t(line.kind), line.count, money({ amountMinor: line.amountMinor, currency })]),
    [t("total"), stays, money({ amountMinor, currency })],
  )));
}

/** Dates of a listing that differ from its weeks. */
export function exceptionsList(exceptions) {
  if (!exceptions.length) return null;
  const text = ({ kind, localFrom, localUntil, note }) =>
    [`${localFrom.replace("T", " ")} – ${localUntil.replace("T", " ")}: ${t(kind)}`, note].filter(Boolean).join(" · ");
  return make(
    "details", {}, make("summary", {}, `${t("exceptions")} (${exceptions.length})`),
    make("ul", {}, exceptions.map((each) => make("li", {}, text(each)))),
  );
}

/** Titles that are not approved, so that their bays cannot be published. */
export function titleRows(titles) {
  return titles.map(({ state, space, documentReference, reason }) => make(
    "li", {},
    make("p", {}, badge(state, t(`TITLE_${state}`)), " ", t("titleOf", { bay: space?.number ?? "–", reference: documentReference })),
    reason && make("p", { class: "note" }, reason),
  ));
}
