// A week as columns of days: when a listing is offered, and what is booked of it.

import { language, locale, t } from "./words.js";
import { addDays, localOf, pieces } from "./week.js";

const SVG = "http://www.w3.org/2000/svg";
const HOUR_PX = 12;
const TOP_PX = 22;
const LEFT_PX = 30;
const HEIGHT_PX = TOP_PX + 24 * HOUR_PX + 6;
const ASKED = ["REQUESTED", "PENDING_PAYMENT"];

function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

const dayName = (day, options) => new Date(day).toLocaleDateString(locale(), { timeZone: "UTC", ...options });

/** `5–11 January 2026`, or its like. */
export function weekName(monday) {
  const short = { day: "numeric", month: "short" };
  return t("weekOf", { from: dayName(monday, short), until: dayName(addDays(monday, 6), { ...short, year: "numeric" }) });
}

function box(kind, { column, from, until }, columnPx, title, inset = 1) {
  const rect = svg("rect", {
    class: kind, rx: 3, x: LEFT_PX + column * columnPx + inset, width: columnPx - 2 * inset,
    y: TOP_PX + from * HOUR_PX, height: Math.max((until - from) * HOUR_PX, 2),
  });
  rect.append(svg("title", {}, title));
  return rect;
}

/** Draws the week that begins on `monday` of `openings` and `bookings` in the place's time zone. */
export function drawWeek(container, { openings, bookings, monday, timeZone }) {
  const width = Math.max(container.clientWidth, 280);
  const columnPx = (width - LEFT_PX) / 7;
  const picture = svg("svg", { class: "week", viewBox: `0 0 ${width} ${HEIGHT_PX}`, role: "img" });
  const now = localOf(new Date(), timeZone);
  for (let column = 0; column < 7; column += 1) {
    const day = addDays(monday, column);
    const x = LEFT_PX + column * columnPx;
    const name = `${dayName(day, { weekday: columnPx < 60 ? "narrow" : "short" })} ${new Date(day).getUTCDate()}`;
    const head = svg("text", { x: x + columnPx / 2, y: 14, "text-anchor": "middle" }, name);
    if (day === now.day) head.classList.add("today");
    picture.append(svg("rect", { class: "day", x: x + 1, y: TOP_PX, width: columnPx - 2, height: 24 * HOUR_PX, rx: 3 }), head);
  }
  let hours = 0;
  for (const { startsAt, endsAt } of openings)
    for (const piece of pieces(startsAt, endsAt, monday, timeZone)) {
      hours += piece.until - piece.from;
      picture.append(box("open", piece, columnPx, t("openTime")));
    }
  for (let hour = 0; hour <= 24; hour += 6) {
    const y = TOP_PX + hour * HOUR_PX;
    picture.append(
      svg("line", { class: "grid", x1: LEFT_PX, x2: width, y1: y, y2: y }),
      svg("text", { x: LEFT_PX - 5, y: y + 4, "text-anchor": "end" }, String(hour)),
    );
  }
  for (const booking of bookings) {
    const kind = ASKED.includes(booking.state) ? "asked" : "booked";
    for (const piece of pieces(booking.startsAt, booking.endsAt, monday, timeZone))
      picture.append(box(kind, piece, columnPx, booking.title, 3));
  }
  const today = Math.round((now.day - monday) / 86_400_000);
  if (today >= 0 && today < 7) {
    const [x, y] = [LEFT_PX + today * columnPx, TOP_PX + now.hours * HOUR_PX];
    picture.append(svg("line", { class: "now", x1: x, x2: x + columnPx, y1: y, y2: y }));
  }
  const told = { from: dayName(monday, { day: "numeric", month: "long" }), n: bookings.length, hours: Math.round(hours) };
  picture.setAttribute("aria-label", t("calendarOf", told));
  picture.setAttribute("lang", language);
  container.replaceChildren(picture);
}
