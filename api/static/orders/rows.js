// Orders in a table: when, for whom, and what became of their parking.

import { make } from "../shared/elements.js";
import { locale, t } from "../shared/language.js";
import { badge, table } from "../shared/table.js";

const COUNTED = ["BOOKED", "WAITLISTED", "REFUSED", "UNWANTED", "CANCELLED", "PENDING"];
const GOES_ON = ["PENDING", "BOOKED", "WAITLISTED", "UNWANTED"];
const OVER = ["COMPLETED", "NO_SHOW"];

const note = (text) => text && make("span", { class: "note" }, text);
const timeOf = (iso, timeZone) => new Intl.DateTimeFormat(locale(), { timeZone, hour: "2-digit", minute: "2-digit" }).format(new Date(iso));
const zoneOf = (order, timeZone) => order.place?.timeZone ?? timeZone;

/** How many there are, and how many in each state. */
export function countsList(orders) {
  const counts = COUNTED.map((state) => [t(state), orders.filter((each) => each.state === state).length]).filter(([, n]) => n > 0);
  const pairs = [[t("ordersAll"), orders.length], ...counts];
  return make("dl", { class: "figures" }, pairs.map(([name, n]) => make("div", {}, make("dt", {}, name), make("dd", {}, String(n)))));
}

/** The state, and what there is to say of it, in words. */
export function stateText({ state, reasonCode, reservationState }) {
  const parts = [state === "BOOKED" && reservationState && t(`booking_${reservationState}`), reasonCode && t(`why_${reasonCode}`)];
  return parts.filter(Boolean).join(" · ");
}

/** What the guest says, until the sensor knows. */
function arrivalText({ arrivedAt, reservationState, place }) {
  return arrivedAt && ["PENDING_PAYMENT", "CONFIRMED"].includes(reservationState) && t("hereSince", { at: timeOf(arrivedAt, place?.timeZone) });
}

const stateOf = (order) => make("span", {}, badge(order.state), note(stateText(order)), note(arrivalText(order)));

function levelOf({ subplace }) {
  return subplace && (/\D/.test(subplace.name.replace(/^-/, "")) ? subplace.name : t("level", { level: subplace.level }));
}

/** Bay, level and place in one line. */
export function bayText({ space, place }) {
  return [space && t("bay", { number: space.number }), space && levelOf(space), place?.name].filter(Boolean).join(", ");
}

function bayOf(order, timeZone) {
  if (!order.space) return make("span", {}, "–", note(order.place?.name));
  const { startsAt, endsAt } = order;
  const zone = zoneOf(order, timeZone);
  return make(
    "span", {}, make("strong", {}, t("bay", { number: order.space.number })),
    note([levelOf(order.space), order.place?.name].filter(Boolean).join(", ")),
    note(startsAt && t("fromUntil", { from: timeOf(startsAt, zone), until: timeOf(endsAt, zone) })),
  );
}

const walkOf = ({ space, walkMetres }) => (space && walkMetres !== null ? t("metres", { n: String(Math.round(walkMetres)) }) : "–");

function guestOf({ guestName, guestPhone }) {
  return make("span", {}, guestName || "–", note(guestPhone));
}

function whenOf(order, timeZone, more) {
  return make("span", {}, make("strong", {}, timeOf(order.serviceAt, zoneOf(order, timeZone))), note([order.orderRef, more].filter(Boolean).join(" · ")));
}

function actionsOf(order, { copy, cancel }) {
  const name = { ref: order.orderRef };
  const isOpen = GOES_ON.includes(order.state) && !OVER.includes(order.reservationState);
  return make(
    "span", { class: "actions" },
    order.link && make("button", { type: "button", id: `copy-${order.id}`, "aria-label": t("copyOf", name), onclick: () => copy(order) }, t("copy")),
    isOpen && order.unit && make(
      "details", { "data-id": order.id },
      make("summary", { id: `ask-${order.id}`, "aria-label": t("cancelOf", name) }, t("cancel")),
      make("button", { type: "button", class: "danger", id: `cancel-${order.id}`, onclick: () => cancel(order) }, t("cancelNow")),
    ),
  );
}

/** The merchant's: with its guests, and what can be done. */
export function merchantTable(label, orders, timeZone, verbs) {
  const heads = [
    { text: t("when") }, { text: t("guest") }, { text: t("party"), isNumber: true }, { text: t("plate") }, { text: t("state") },
    { text: t("space") }, { text: t("walk"), isNumber: true }, { text: "" },
  ];
  const rows = orders.map((each) => [
    whenOf(each, timeZone, each.unit?.name), guestOf(each), each.party === null ? "–" : String(each.party), each.plate || "–", stateOf(each),
    bayOf(each, timeZone), walkOf(each), actionsOf(each, verbs),
  ]);
  return table(label, heads, rows);
}

/** Those of a place, by the plate alone. */
export function placeTable(label, orders, timeZone) {
  const heads = [{ text: t("when") }, { text: t("party"), isNumber: true }, { text: t("plate") }, { text: t("state") }, { text: t("space") }];
  const rows = orders.map((each) => [
    whenOf(each, timeZone), each.party === null ? "–" : String(each.party), each.plate || "–", stateOf(each), bayOf(each, timeZone),
  ]);
  return table(label, heads, rows);
}
