// Where a car stands: in words, and as fields that somebody fills in beside it.

import { make } from "./elements.js";
import { addWords, t } from "./language.js";
import { spaceNamed, spacesOf } from "./spaces.js";

const POSITION = { enableHighAccuracy: true, timeout: 20_000, maximumAge: 10_000 };
const DIGITS = 6;
const TEXTS = ["floor", "area", "bay"];
const LENGTHS = { floor: 100, area: 100, bay: 40, note: 500 };

addWords({
  en: {
    floor: "Level", area: "Row or zone", bayField: "Bay", bayIs: "Bay {bay}", nowhere: "No level, row or bay known yet",
    bayKnown: "On the plan: {part}", bayUnknown: "Not on the place’s plan; kept as you typed it.", herePoint: "Use this phone’s place",
    pointIs: "{point} (within {metres} m)", pointPlain: "{point}", forgetPoint: "Without it", finding: "Finding this phone…",
    noPoint: "This phone does not tell where it is. Allow it in the browser’s settings, or type level and bay.", levelIs: "Level {floor}",
  },
  zh: {
    floor: "楼层", area: "排或区域", bayField: "车位", bayIs: "车位 {bay}", nowhere: "尚不知楼层、区域或车位",
    bayKnown: "平面图上：{part}", bayUnknown: "停车场平面图上没有此车位，将按您输入的内容保存。", herePoint: "使用本机位置",
    pointIs: "{point}（误差 {metres} 米内）", pointPlain: "{point}", forgetPoint: "不使用", finding: "正在定位…",
    noPoint: "本机未提供位置。请在浏览器设置中允许定位，或输入楼层和车位。", levelIs: "{floor} 层",
  },
});

/** A level whose name is but a number says that it is a level. */
const floorText = (floor) => (/^-?\d+$/.test(floor) ? t("levelIs", { floor }) : floor);

/** Level, row and bay in one line; empty where nothing of that is known. */
export const whereText = ({ floor, area, bay }) =>
  [floor && floorText(floor), area, bay && t("bayIs", { bay })].filter(Boolean).join(" · ");

/** Coordinates as people copy them. */
export function pointText({ latitude, longitude }, accuracyMetres) {
  const point = `${latitude.toFixed(DIGITS)}, ${longitude.toFixed(DIGITS)}`;
  return accuracyMetres === null ? t("pointPlain", { point }) : t("pointIs", { point, metres: String(Math.ceil(accuracyMetres)) });
}

/** A link that the phone's map opens. */
export const pointLink = (point, accuracyMetres = null) =>
  make("a", { href: `geo:${point.latitude.toFixed(DIGITS)},${point.longitude.toFixed(DIGITS)}`, rel: "noreferrer" }, pointText(point, accuracyMetres));

const located = () =>
  new Promise((resolve, reject) => {
    if (!navigator.geolocation) return reject(new Error("none"));
    navigator.geolocation.getCurrentPosition(({ coords }) => resolve(coords), reject, POSITION);
  });

/** Fields for level, row, bay, coordinates and, if wished, a note; `id` makes theirs unique, `ask`
 * runs queries as whoever is signed in. */
export class WhereFields {
  #point = null;
  #spaces = new Map();
  #placeId = null;

  constructor(id, ask, { hasNote = false } = {}) {
    this.id = id;
    this.ask = ask;
    this.names = hasNote ? [...TEXTS, "note"] : TEXTS;
    this.inputs = Object.fromEntries(this.names.map((name) => [name, this.#input(name)]));
    this.hint = make("span", { class: "note", id: `${id}-hint`, "aria-live": "polite" });
    this.told = make("output", { class: "point", "aria-live": "polite" });
    this.locate = make("button", { type: "button", onclick: () => this.#locate() }, t("herePoint"));
    this.forget = make("button", { type: "button", onclick: () => this.#take(null), hidden: true }, t("forgetPoint"));
    this.list = make("datalist", { id: `${id}-bays` });
    this.elements = [
      make("div", { class: "fields" }, this.names.filter((name) => name !== "note").map((name) => this.#field(name))),
      hasNote && this.#field("note"),
      make("p", { class: "actions" }, this.locate, this.forget, this.told),
    ];
  }

  #input(name) {
    const common = { id: `${this.id}-${name}`, name, maxlength: LENGTHS[name], autocomplete: "off" };
    if (name === "note") return make("textarea", { ...common, rows: 2 });
    const more = name === "bay" ? { list: `${this.id}-bays`, autocapitalize: "characters", "aria-describedby": `${this.id}-hint` } : {};
    return make("input", { type: "text", ...common, ...more, oninput: () => this.#sayBay() });
  }

  #field(name) {
    const label = make("label", { class: "field" }, make("span", {}, t(name === "bay" ? "bayField" : name)), this.inputs[name]);
    return name === "bay" ? make("div", {}, label, this.list, this.hint) : label;
  }

  /** Offers the bays of a place. */
  async at(placeId) {
    if (this.#placeId === placeId) return;
    this.#placeId = placeId;
    const found = await spacesOf(this.ask, placeId);
    if (this.#placeId !== placeId) return;
    this.#spaces = found;
    this.list.replaceChildren(...[...found.values()].map(({ number, part }) => make("option", { value: number }, part)));
    this.#sayBay();
  }

  /** Fills in what is known; null empties all. */
  fill(known) {
    for (const name of this.names) this.inputs[name].value = known?.[name] ?? "";
    this.#take(null);
    this.#sayBay();
  }

  /** What was filled in, as an input of the schema. With `before`, only what is another by now, null for what was emptied. */
  said(before = null) {
    const typed = Object.entries(this.inputs).map(([name, { value }]) => [name, value.trim()]);
    const wanted = before ? typed.filter(([name, value]) => value !== (before[name] ?? "")) : typed.filter(([, value]) => value);
    const said = Object.fromEntries(wanted.map(([name, value]) => [name, value || null]));
    const space = said.bay && spaceNamed(this.#spaces, said.bay);
    if (space) {
      delete said.bay;
      said.spaceId = space.id;
    } else if (before && TEXTS.some((name) => name in said)) {
      // What a bay of the plan had brought goes with it, unless it is said again.
      for (const name of TEXTS) said[name] = this.inputs[name].value.trim() || null;
    }
    return this.#point ? { ...said, coordinates: this.#point } : said;
  }

  #sayBay() {
    const typed = this.inputs.bay.value.trim();
    const space = typed && spaceNamed(this.#spaces, typed);
    if (!typed || !this.#spaces.size) this.hint.textContent = "";
    else this.hint.textContent = space ? t("bayKnown", { part: space.part || space.number }) : t("bayUnknown");
  }

  #take(point, text = "") {
    this.#point = point;
    this.forget.hidden = !point;
    this.told.textContent = text;
  }

  /** Only when somebody asks for it: where a phone is, it tells nobody by itself. */
  async #locate() {
    this.#take(null, t("finding"));
    try {
      const { latitude, longitude, accuracy } = await located();
      this.#take({ latitude, longitude, accuracyMetres: accuracy }, pointText({ latitude, longitude }, accuracy));
    } catch {
      this.#take(null, t("noPoint"));
    }
  }
}
