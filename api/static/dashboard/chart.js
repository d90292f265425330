// Utilisation over the last 24 hours as one area with a readable axis.

import { svg } from "../shared/chart.js";
import { language, t } from "./words.js";

const [HEIGHT, LEFT, RIGHT, BOTTOM, TOP] = [220, 46, 10, 26, 10];
const WIDTH_MIN = 260;
const TICK_HOURS = 4;

const percent = (share) =>
  new Intl.NumberFormat(language === "zh" ? "zh-CN" : "en-GB", { style: "percent" }).format(share);

/** Draws `buckets` ({startsAt, endsAt, utilisation | null}) into `container`. */
export function drawChart(container, buckets, timeZone) {
  const known = buckets.filter((bucket) => bucket.utilisation !== null);
  if (!known.length) {
    container.replaceChildren(Object.assign(document.createElement("p"), { textContent: t("historyEmpty") }));
    return;
  }
  const width = Math.max(container.clientWidth, WIDTH_MIN);
  const start = Date.parse(buckets[0].startsAt);
  const end = Date.parse(buckets.at(-1).endsAt);
  const x = (time) => LEFT + ((time - start) / (end - start)) * (width - LEFT - RIGHT);
  const y = (share) => TOP + (1 - share) * (HEIGHT - TOP - BOTTOM);
  const chart = svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, class: "chart", role: "img" });
  const peak = known.reduce((a, b) => (b.utilisation > a.utilisation ? b : a));
  const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone });
  const summary = `${t("history")}: ${percent(known.at(-1).utilisation)} ${t("now")}, max. ${percent(peak.utilisation)} (${time.format(Date.parse(peak.startsAt))})`;
  chart.setAttribute("aria-label", summary);
  chart.append(...shareTicks(y, width), ...hourTicks(x, start, end, timeZone, time));
  for (const run of runs(buckets)) chart.append(...area(run, x, y));
  chart.append(hover(chart, buckets, x, time));
  container.replaceChildren(chart);
}

function shareTicks(y, width) {
  return [0, 0.25, 0.5, 0.75, 1].flatMap((share) => [
    svg("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(share), y2: y(share) }),
    svg("text", { x: LEFT - 6, y: y(share) + 4, "text-anchor": "end" }, percent(share)),
  ]);
}

function hourTicks(x, start, end, timeZone, time) {
  const ticks = [];
  const hour = new Intl.DateTimeFormat("en-GB", { hour: "numeric", minute: "numeric", hourCycle: "h23", timeZone });
  const quarter = 15 * 60_000; // zones are offset by whole quarters of an hour
  for (let at = Math.ceil(start / quarter) * quarter; at < end; at += quarter) {
    const [h, m] = hour.format(at).split(":").map(Number);
    if (m !== 0 || h % TICK_HOURS !== 0) continue;
    ticks.push(svg("line", { class: "tick", x1: x(at), x2: x(at), y1: HEIGHT - BOTTOM, y2: HEIGHT - BOTTOM + 4 }));
    ticks.push(svg("text", { x: x(at), y: HEIGHT - 8, "text-anchor": "middle" }, time.format(at)));
  }
  return ticks;
}

// Stretches without a gap: where nothing is known there is no line.
function runs(buckets) {
  const found = [[]];
  for (const bucket of buckets)
    if (bucket.utilisation === null) found.push([]);
    else found.at(-1).push(bucket);
  return found.filter((run) => run.length);
}

function area(run, x, y) {
  const points = run.flatMap((b) => [
    [x(Date.parse(b.startsAt)), y(b.utilisation)],
    [x(Date.parse(b.endsAt)), y(b.utilisation)],
  ]);
  const line = points.map(([a, b], i) => `${i ? "L" : "M"}${a.toFixed(1)} ${b.toFixed(1)}`).join(" ");
  const [first, last] = [points[0][0], points.at(-1)[0]];
  return [
    svg("path", { class: "area", d: `${line} L${last} ${y(0)} L${first} ${y(0)} Z` }),
    svg("path", { class: "line", d: line }),
  ];
}

function hover(chart, buckets, x, time) {
  const group = svg("g", { class: "hover", visibility: "hidden" });
  const rule = svg("line", { y1: TOP, y2: HEIGHT - BOTTOM });
  const label = svg("text", { y: TOP + 12 });
  group.append(rule, label);
  chart.addEventListener("pointermove", (event) => {
    const box = chart.getBoundingClientRect();
    const across = ((event.clientX - box.left) / box.width) * chart.viewBox.baseVal.width;
    const bucket = buckets.find((b) => x(Date.parse(b.startsAt)) <= across && across < x(Date.parse(b.endsAt)));
    group.setAttribute("visibility", bucket && bucket.utilisation !== null ? "visible" : "hidden");
    if (!bucket || bucket.utilisation === null) return;
    const middle = x((Date.parse(bucket.startsAt) + Date.parse(bucket.endsAt)) / 2);
    for (const side of ["x1", "x2"]) rule.setAttribute(side, middle);
    const right = across > chart.viewBox.baseVal.width * 0.7;
    label.setAttribute("x", middle + (right ? -6 : 6));
    label.setAttribute("text-anchor", right ? "end" : "start");
    label.textContent = `${time.format(Date.parse(bucket.startsAt))} · ${percent(bucket.utilisation)}`;
  });
  chart.addEventListener("pointerleave", () => group.setAttribute("visibility", "hidden"));
  return group;
}
