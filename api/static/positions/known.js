// What is known of where a car stands: for its sharer, and for whom it is shown to.

import { bayPlan } from "../shared/bays.js";
import { make, redraw } from "../shared/elements.js";
import { note, panel } from "../shared/folds.js";
import { clockTime, language, t } from "../shared/language.js";
import { pointLink, whereText } from "../shared/where.js";
import { badge } from "../shared/table.js";
import { HERE, picture } from "./parts.js";

export const zoneOf = (position) => position.timeZone ?? HERE;

/** Who says a version, for this reader. */
function whoSays({ source }, position) {
  if (source !== "SHARER" || position.isOwn) return t(`source_${source}`);
  return position.sharerName || t("somebody");
}

const saidText = (version, position) => t("saidBy", { who: whoSays(version, position), at: clockTime(version.at, zoneOf(position)) });

export const titleOf = (position) => position.title || position.placeName || t("untitled");

function photoOf(where, { photo }, position) {
  return photo && picture(`${position.id}:${where}`, photo, t("photoOf", { title: titleOf(position) }));
}

/** The newest version, drawn; its words are read out when they change. */
export class Known {
  where = make("p", { class: "where", "aria-live": "polite" });
  told = make("div");
  look = make("div", { class: "look" });
  element = make("div", { class: "known" }, this.where, this.told, this.look);

  show(position) {
    const { newest } = position;
    redraw(this.where, () => this.where.replaceChildren(whereText(newest) || t("nowhere")), [whereText(newest), language]);
    redraw(this.told, () => this.told.replaceChildren(...this.#told(position)), [newest, position.placeName, position.title, position.shownUntil, language]);
    redraw(this.look, () => this.look.replaceChildren(...this.#look(position)), [newest.bays, newest.photo, newest.bay, language]);
  }

  #told(position) {
    const { newest, placeName, title, shownUntil } = position;
    return [
      title && placeName && make("p", {}, placeName),
      newest.note && make("p", { class: "words" }, newest.note),
      newest.coordinates && make("p", { class: "point" }, pointLink(newest.coordinates, newest.accuracyMetres)),
      note(saidText(newest, position)),
      shownUntil && note(t("shownUntil", { at: clockTime(shownUntil, zoneOf(position)) })),
    ].filter(Boolean);
  }

  #look(position) {
    const { newest } = position;
    const label = t("planOf", { where: whereText(newest), place: position.placeName });
    return [bayPlan(newest.bays, label), photoOf("newest", newest, position)].filter(Boolean);
  }
}

function versionRow(version, position) {
  const { kind, note: words, coordinates, accuracyMetres } = version;
  return make(
    "li", {},
    make("p", {}, badge(kind, t(`kind_${kind}`)), " ", make("span", { class: "name" }, whereText(version) || (coordinates ? "" : t("nowhere")))),
    words && make("p", { class: "words" }, words),
    coordinates && make("p", { class: "point" }, pointLink(coordinates, accuracyMetres)),
    note(saidText(version, position)),
    photoOf(`history-${version.number}`, version, position),
  );
}

/** All versions, the newest first. */
export class History {
  list = make("ul", { class: "rows" });

  constructor(id) {
    this.element = panel(`history-${id}`, t("history"), this.list);
  }

  show(position) {
    const draw = () => this.list.replaceChildren(...[...position.versions].reverse().map((each) => versionRow(each, position)));
    redraw(this.list, draw, [position.versions, language]);
  }
}
