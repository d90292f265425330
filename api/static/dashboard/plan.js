// The floor plan: bays drawn from their own coordinates, coloured, lettered and shaped by status.

import { t } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const MARGIN_METRES = 2;
const LETTER_METRES = 1.7;
const NUMBER_METRES = 0.66;
const NUMBER_BELOW_METRES = 1.45;
const STEP_KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function svg(name, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

export class Plan {
  #bays = new Map();
  #svg;
  #onChoose;
  #current = null;

  constructor(container, onChoose) {
    this.#onChoose = onChoose;
    this.#svg = svg("svg", { class: "plan", role: "group" });
    this.#svg.addEventListener("keydown", (event) => this.#move(event));
    container.replaceChildren(this.#svg);
  }

  /** Draws these spaces anew. */
  draw(spaces) {
    this.#bays.clear();
    const boxes = spaces.map((space) => this.#add(space));
    this.#svg.replaceChildren(...boxes);
    this.#svg.setAttribute("viewBox", this.#viewBox(spaces));
    this.#svg.setAttribute("aria-label", `${t("plan")}. ${t("planHelp")}`);
    const first = this.#bays.values().next().value;
    if (first) first.element.tabIndex = 0;
    this.#current = first ?? null;
  }

  /** Shows the present status of one space; unknown ones (another level) are ignored. */
  update(space) {
    const bay = this.#bays.get(space.id);
    if (!bay) return;
    const changed = bay.element.dataset.status !== space.status;
    bay.element.dataset.status = space.status;
    bay.letter.textContent = t(`letter_${space.status}`);
    bay.element.setAttribute("aria-label", `${space.number}, ${t(space.status)}`);
    bay.title.textContent = `${space.number} · ${t(space.status)}`;
    bay.lock.setAttribute("visibility", space.lock === "RAISED" ? "visible" : "hidden");
    if (changed && bay.drawn) this.#flash(bay.element);
    bay.drawn = true;
  }

  #flash(element) {
    element.classList.remove("changed");
    void element.getBoundingClientRect(); // restarts the animation
    element.classList.add("changed");
  }

  #add(space) {
    const { xMetres: x, yMetres: y, widthMetres: w, lengthMetres: l, rotationDegrees } = space.plan;
    const title = svg("title");
    const letter = svg("text", { "font-size": LETTER_METRES, dy: "0.36em" });
    const number = svg("text", { class: "number", "font-size": NUMBER_METRES, dy: NUMBER_BELOW_METRES }, space.number);
    const box = svg("rect", { x: -w / 2 + 0.1, y: -l / 2 + 0.1, width: w - 0.2, height: l - 0.2, rx: 0.3 });
    const turned = svg("g", { transform: `rotate(${rotationDegrees})` }, box);
    const marks = [
      space.attributes.isEv && svg("text", { class: "mark", "font-size": 1, y: -l / 2 + 1.2 }, "⚡"),
      space.attributes.isAccessible && svg("text", { class: "mark", "font-size": 1, y: -l / 2 + 1.2 }, "♿"),
    ].filter(Boolean);
    const lock = svg("path", { class: "lock", d: `M-0.6 ${l / 2 - 0.25} L0 ${l / 2 - 0.75} L0.6 ${l / 2 - 0.25}`, visibility: "hidden" });
    turned.append(lock);
    const element = svg(
      "g",
      { class: "bay", role: "button", tabindex: -1, transform: `translate(${x} ${y})` },
      title, turned, ...marks, letter, number,
    );
    element.addEventListener("click", () => this.#choose(this.#bays.get(space.id)));
    this.#bays.set(space.id, { space, element, letter, title, lock, x, y, drawn: false });
    this.update(space);
    return element;
  }

  #viewBox(spaces) {
    if (!spaces.length) return "0 0 10 5";
    const reach = (space) => Math.hypot(space.plan.widthMetres, space.plan.lengthMetres) / 2;
    const edge = (pick, sign, side) =>
      side(...spaces.map((space) => pick(space) + sign * (reach(space) * 0.9)));
    const left = edge((s) => s.plan.xMetres, -1, Math.min) - MARGIN_METRES;
    const top = edge((s) => s.plan.yMetres, -1, Math.min) - MARGIN_METRES;
    const right = edge((s) => s.plan.xMetres, 1, Math.max) + MARGIN_METRES;
    const bottom = edge((s) => s.plan.yMetres, 1, Math.max) + MARGIN_METRES;
    return `${left} ${top} ${right - left} ${bottom - top}`;
  }

  #choose(bay) {
    this.#focus(bay);
    this.#svg.querySelector('[aria-pressed="true"]')?.removeAttribute("aria-pressed");
    bay.element.setAttribute("aria-pressed", "true");
    this.#onChoose(bay.space.id);
  }

  #focus(bay) {
    if (this.#current) this.#current.element.tabIndex = -1;
    this.#current = bay;
    bay.element.tabIndex = 0;
    bay.element.focus();
  }

  #move(event) {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return this.#current && this.#choose(this.#current);
    }
    const step = STEP_KEYS[event.key];
    if (!step || !this.#current) return;
    event.preventDefault();
    const next = this.#neighbour(this.#current, step);
    if (next) this.#focus(next);
  }

  // The nearest bay in the direction of the arrow; sideways distance counts double.
  #neighbour(from, [dx, dy]) {
    let best = null;
    let least = Infinity;
    for (const bay of this.#bays.values()) {
      const along = (bay.x - from.x) * dx + (bay.y - from.y) * dy;
      const aside = Math.abs((bay.x - from.x) * dy) + Math.abs((bay.y - from.y) * dx);
      if (along > 0.1 && along + 2 * aside < least) [best, least] = [bay, along + 2 * aside];
    }
    return best;
  }
}
