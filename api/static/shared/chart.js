// Parts of charts, drawn as SVG by hand.

const SVG = "http://www.w3.org/2000/svg";
const [HEIGHT, LEFT, RIGHT, BOTTOM, TOP] = [220, 70, 10, 26, 14];
const WIDTH_MIN = 260;
const LABEL_PX = 64;
const STEPS = [1, 2, 2.5, 5, 10];
const LINES = 4;

/** An element of SVG with attributes and text. */
export function svg(name, attributes = {}, text = "") {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.textContent = text;
  return element;
}

/** Ticks from `low` to `high` in round steps, with zero among them. */
export function roundTicks(low, high) {
  const rough = Math.max(high - low, 1) / LINES;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max(1, power * STEPS.find((each) => each * power >= rough));
  const ticks = [];
  for (let n = Math.floor(low / step); n <= Math.ceil(high / step); n += 1) ticks.push(n * step);
  return ticks;
}

/** Draws `bars` ({label, title, value}) into `container`; `format` writes a value on the axis. */
export function drawBars(container, bars, { label, format }) {
  const width = Math.max(container.clientWidth, WIDTH_MIN);
  const ticks = roundTicks(Math.min(0, ...bars.map(({ value }) => value)), Math.max(0, ...bars.map(({ value }) => value)));
  const [low, high] = [ticks[0], Math.max(ticks.at(-1), ticks[0] + 1)];
  const y = (value) => TOP + (1 - (value - low) / (high - low)) * (HEIGHT - TOP - BOTTOM);
  const slot = (width - LEFT - RIGHT) / Math.max(bars.length, 1);
  const every = Math.ceil(LABEL_PX / slot);
  const chart = svg("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, class: "chart", role: "img", "aria-label": label });
  for (const tick of ticks)
    chart.append(
      svg("line", { class: "grid", x1: LEFT, x2: width - RIGHT, y1: y(tick), y2: y(tick) }),
      svg("text", { x: LEFT - 6, y: y(tick) + 4, "text-anchor": "end" }, format(tick)),
    );
  bars.forEach(({ label: name, title, value }, n) => {
    const [top, bottom] = [y(Math.max(value, 0)), y(Math.min(value, 0))];
    const bar = svg("rect", { class: value < 0 ? "bar loss" : "bar", x: LEFT + n * slot + slot * 0.14, y: top, width: slot * 0.72, height: bottom - top });
    bar.append(svg("title", {}, title));
    chart.append(bar);
    if (n % every === 0) chart.append(svg("text", { x: LEFT + (n + 0.5) * slot, y: HEIGHT - 8, "text-anchor": "middle" }, name));
  });
  container.replaceChildren(chart);
}
