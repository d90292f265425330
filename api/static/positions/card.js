// One position: of the reader's own car with all that they can do, or one that is shown to them.

import { arrange, make } from "../shared/elements.js";
import { form, labelled, note, panel, sure, text } from "../shared/folds.js";
import { clockTime, t } from "../shared/language.js";
import { Asking } from "./asking.js";
import { Changing } from "./changing.js";
import { Fetching } from "./fetching.js";
import { History, Known, titleOf, zoneOf } from "./known.js";
import { Links, Log } from "./links.js";
import * as q from "./queries.js";
import { Sharing } from "./sharing.js";

/** Who sees it, in one line. */
function seenText({ receivers, links, reservation }) {
  const names = receivers.map(({ name }) => name || t("somebody")).join(t("comma"));
  const open = (links ?? []).filter(({ isOpen }) => isOpen).length;
  const fetcher = reservation?.exitDelegations.find(({ state }) => ["OFFERED", "ACTIVE", "LEAVING"].includes(state));
  return [
    names ? t("seenBy", { names }) : !open && t("seenByNobody"),
    open > 0 && t("openLinks", { n: open }),
    fetcher && t("mayFetch", { name: fetcher.label || t("whoeverHasIt") }),
  ].filter(Boolean).join(" · ");
}

/** The card of a position that is there; its forms stay, what is known in it is drawn anew. */
export class OwnCard {
  heading = make("h3");
  seen = make("p", { class: "note" });
  stay = make("p", { class: "note" });

  constructor(id, ctx) {
    const title = text(`title-${id}`, "title", { maxlength: 100 });
    const entitle = ({ title: given }) => ctx.change(id, q.ENTITLE, { id, title: given.value });
    const known = new Known();
    this.parts = [known, new Changing(id, ctx), new Asking(id, ctx), new Sharing(id, ctx), new Links(id, ctx), new Fetching(id, ctx), new History(id), new Log(id)];
    this.element = make(
      "article", { class: "position", "data-id": id, "aria-labelledby": `head-${id}` },
      this.heading, this.stay, known.element, this.seen,
      make("div", { class: "folds" }, this.parts.slice(1).map(({ element }) => element),
        panel(`title-${id}`, t("retitle"), form([labelled(t("titleField"), title)], t("save"), entitle)),
        sure(`end-${id}`, t("gone"), t("goneNote"), () => ctx.change(id, q.END, { id })),
        sure(`erase-${id}`, t("erase"), t("eraseNote"), () => ctx.change(id, q.ERASE, { id }))),
    );
    this.heading.id = `head-${id}`;
  }

  show(position) {
    const { reservation } = position;
    this.heading.textContent = titleOf(position);
    this.seen.textContent = seenText(position);
    this.stay.hidden = !reservation;
    this.stay.textContent = reservation ? t("bookedUntil", { at: clockTime(reservation.endsAt, zoneOf(position)) }) : "";
    for (const part of this.parts) part.show(position);
  }
}

/** The card of somebody else's car. */
export class ShownCard {
  heading = make("h3");

  constructor(id) {
    this.parts = [new Known(), new History(id)];
    this.heading.id = `head-${id}`;
    this.element = make(
      "article", { class: "position", "data-id": id, "aria-labelledby": `head-${id}` },
      this.heading, this.parts.map(({ element }) => element),
    );
  }

  show(position) {
    this.heading.textContent = t("carOf", { name: position.sharerName || t("somebody"), title: titleOf(position) });
    for (const part of this.parts) part.show(position);
  }
}

/** A stay that is over. */
export function formerRow({ id, title, placeName, timeZone, createdAt, endedAt, newest }, where, ctx) {
  const at = (iso) => clockTime(iso, timeZone ?? undefined);
  return make(
    "li", { "data-id": id },
    make("p", { class: "name" }, title || placeName || t("untitled")),
    note([where(newest), t("fromTo", { from: at(createdAt), to: at(endedAt) })].filter(Boolean).join(" · ")),
    sure(`erase-${id}`, t("erase"), t("eraseNote"), () => ctx.change(null, q.ERASE, { id })),
  );
}

/** Puts the cards into a container; what to say where there are none, too. */
export function place(container, cards, none) {
  const empty = container.querySelector(":scope > .note") ?? note("");
  empty.textContent = none;
  arrange(container, cards.length ? cards.map(({ element }) => element) : [empty]);
}
