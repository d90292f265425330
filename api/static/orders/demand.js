// What is asked of a place hour by hour, beside the bays that it has.

import { roundTicks, svg } from "../shared/chart.js";
import { make } from "../shared/elements.js";
import { locale, t } from "../shared/language.js";
import { table } from "../shared/table.js";

const [HEIGHT, LEFT, RIGHT, BOTTOM, TOP] = [220, 36, 10, 26, 14];
const WIDTH_MIN = 240;
const LABEL_PX = 48;
export const PARTS = ["booked", "others", "waiting", "refused"];

/** How much of each part there is in a slot; `taken` has merchants' bookings in it. */
const partsOf = ({ booked, taken, waiting, refused }) => ({ booked, others: Math.max(taken - booked, 0), waiting, refused });

const hourOf = (iso, timeZone) => new Intl.DateTimeFormat(locale(), { timeZone, hour: "2-digit", minute: "2-digit" }).format(new Date(iso));

const sumOf = (slot) => PARTS.reduce((sum, part) => sum + partsOf(slot)[part], 0);

function sayHour(slot, timeZone) {
  return t("demandHour", { hour: hourOf(slot.startsAt, timeZone), spaces: String(slot.spaces), ...partsOf(slot) });
}

/** The bars, and a line for the bays in service. */
export function drawDemand(container, slots, timeZone) {
  const width = Math.max(container.clientWidth, WIDTH_MIN);
  const ticks = roundTicks(0, Math.max(1, ...slots.map((slot) => Math.max(sumOf(slot), slot.spaces))));
  const high = Math.max(ticks.at(-1), 1);
  const y = (value) => TOP + (1 - value / high) * (HEIGHT - TOP - BOTTOM);
  const step = (width - LEFT - RIGHT) / Math.max(slots.length, 1);
  const most = slots.reduce((found, slot) => (sumOf(slot) > sumOf(found) ? slot : found), slots[0]);
  const label = most ? t("demandChart", { most: sayHour(most, timeZone) }) : t("demand");
  const chart = svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, class: "chart", role: "img", "aria-label": label });
  for (const tick of ticks)
    chart.append(
      svg("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(tick), y2: y(tick) }),
      svg("text", { x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, String(tick)),
    );
  slots.forEach((slot, n) => chart.append(...barOf(slot, n, { y, step, timeZone })));
  if (slots.length) {
    const line = slots.map(({ spaces }, n) => `${LEFT + n * step},${y(spaces)} ${LEFT + (n + 1) * step},${y(spaces)}`).join(" ");
    chart.append(svg("polyline", { class: "supply", points: line }));
  }
  container.replaceChildren(chart);
}

function barOf(slot, n, { y, step, timeZone }) {
  const parts = partsOf(slot);
  const [x, width] = [LEFT + n * step + step * 0.14, step * 0.72];
  const group = svg("g");
  group.append(svg("title", {}, sayHour(slot, timeZone)));
  let below = 0;
  for (const part of PARTS.filter((name) => parts[name] > 0)) {
    group.append(svg("rect", { class: part, x, width, y: y(below + parts[part]), height: y(below) - y(below + parts[part]) }));
    below += parts[part];
  }
  const every = Math.ceil(LABEL_PX / step);
  if (n % every !== 0) return [group];
  return [group, svg("text", { x: LEFT + (n + 0.5) * step, y: HEIGHT - 8, "text-anchor": "middle" }, hourOf(slot.startsAt, timeZone))];
}

/** What the colours mean. */
export const legend = () => [...PARTS, "supply"].map((part) => make("span", {}, make("i", { class: part, "aria-hidden": "true" }), t(`part_${part}`)));

/** The same numbers for who does not see the chart. */
export function demandTable(slots, timeZone) {
  const heads = [{ text: t("hour") }, ...PARTS.map((part) => ({ text: t(`part_${part}`), isNumber: true })), { text: t("part_supply"), isNumber: true }];
  const rows = slots.map((slot) => [hourOf(slot.startsAt, timeZone), ...PARTS.map((part) => String(partsOf(slot)[part])), String(slot.spaces)]);
  return table(t("demand"), heads, rows);
}
