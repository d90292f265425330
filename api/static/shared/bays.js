// The bays of a level, drawn from their own coordinates, with the car's marked.

import { svg } from "./chart.js";

const [MARGIN, PIN, GAP] = [2, 1.1, 0.1];
const [TEXT, MARKED_TEXT, LETTER_WIDTH] = [0.75, 1.1, 0.68];
/** Of a bay's diagonal: what it may reach beyond its middle, whichever way it is turned. */
const REACH = 0.45;

function bayOf({ number, isTheCar, plan }) {
  const { xMetres: x, yMetres: y, widthMetres: width, lengthMetres: length, rotationDegrees } = plan;
  const group = svg("g", { class: isTheCar ? "mine" : "bay", transform: `translate(${x} ${y})` });
  const size = Math.min(isTheCar ? MARKED_TEXT : TEXT, width / (LETTER_WIDTH * Math.max(number.length, 1)));
  if (isTheCar) group.append(svg("circle", { r: length / 2 + PIN }));
  group.append(
    svg("rect", {
      x: GAP - width / 2, y: GAP - length / 2, width: width - 2 * GAP, height: length - 2 * GAP, rx: 0.3, transform: `rotate(${rotationDegrees})`,
    }),
    svg("text", { "font-size": size, dy: "0.36em" }, number),
  );
  return group;
}

function viewBox(bays) {
  const reached = bays.map(({ plan }) => [plan.xMetres, plan.yMetres, Math.hypot(plan.widthMetres, plan.lengthMetres) * REACH + MARGIN]);
  const [left, top] = [0, 1].map((axis) => Math.min(...reached.map((each) => each[axis] - each[2])));
  const [right, bottom] = [0, 1].map((axis) => Math.max(...reached.map((each) => each[axis] + each[2])));
  return [left, top, right - left, bottom - top].map((metres) => metres.toFixed(2)).join(" ");
}

/** The plan as a picture with a text; null where nothing of it is known. */
export function bayPlan(bays, label) {
  if (!bays.some(({ isTheCar }) => isTheCar)) return null;
  const drawn = svg("svg", { class: "plan", viewBox: viewBox(bays), role: "img", "aria-label": label });
  drawn.append(...[...bays].sort((one, other) => one.isTheCar - other.isTheCar).map(bayOf));
  return drawn;
}
