// Secure links: an address by which somebody without an account sees where the car is, and who did.

import { make, redraw } from "../shared/elements.js";
import { form, labelled, note, panel, sure, text, tick } from "../shared/folds.js";
import { clockTime, language, t } from "../shared/language.js";
import { badge } from "../shared/table.js";
import { hand } from "./handed.js";
import { zoneOf } from "./known.js";
import { typedTime, zoneNote } from "./parts.js";
import * as q from "./queries.js";

const PASSCODE = { inputmode: "numeric", pattern: "[0-9]{4,12}", maxlength: 12 };
const ticked = (id, name) => make("input", { type: "checkbox", id, name, checked: true });

export class Links {
  list = make("ul", { class: "rows" });
  handed = make("div", { role: "status" });
  zone = make("div");

  constructor(id, ctx) {
    this.ctx = ctx;
    const fields = [
      labelled(t("linkLabel"), text(`link-${id}-label`, "label", { maxlength: 100 })),
      labelled(t("passcode"), text(`link-${id}-passcode`, "passcode", PASSCODE)), note(t("passcodeNote")),
      labelled(t("viewsMax"), make("input", { type: "number", id: `link-${id}-views`, name: "views", min: 1, max: 1000 })),
      labelled(t("expiresField"), make("input", { type: "datetime-local", id: `link-${id}-expires`, name: "expires" })), this.zone,
      make("p", {}, tick(t("showsPhoto"), ticked(`link-${id}-photo`, "photo")), tick(t("showsNote"), ticked(`link-${id}-note`, "note"))),
    ];
    const made = form(fields, t("makeLink"), (elements) => this.#send(id, elements).catch(ctx.shell.fail));
    this.element = panel(`links-${id}`, t("links"), note(t("linksAbout")), this.list, this.handed, panel(`link-${id}`, t("newLink"), made));
  }

  show(position) {
    const links = position.links ?? [];
    this.position = position;
    redraw(this.list, () => this.list.replaceChildren(...links.map((each) => this.#row(each, position))), [links, language]);
    redraw(this.zone, () => this.zone.replaceChildren(zoneNote(zoneOf(position)) || ""), [zoneOf(position), language]);
    const open = links.filter(({ isOpen }) => isOpen).length;
    this.element.firstChild.textContent = open ? `${t("links")} (${open})` : t("links");
  }

  #row(link, position) {
    const { id, label, isOpen, views, viewsMax, hasPasscode, wrongTries, expiresAt, revokedReason } = link;
    const at = clockTime(expiresAt, zoneOf(position));
    const parts = [
      viewsMax === null ? t("opened", { n: views }) : t("openedOf", { n: views, max: viewsMax }),
      hasPasscode && (wrongTries ? t("withPasscodeTried", { n: wrongTries }) : t("withPasscode")),
      isOpen ? t("linkUntil", { at }) : t(revokedReason ? `closed_${revokedReason}` : "closed_EXPIRED"),
    ];
    return make(
      "li", { "data-id": id },
      make("p", {}, make("span", { class: "name" }, label || t("unlabelled")), " ", badge(isOpen ? "ACTIVE" : "EXPIRED", t(isOpen ? "linkOpen" : "linkClosed"))),
      note(parts.filter(Boolean).join(" · ")),
      isOpen && sure(`unlink-${id}`, t("unlink"), t("unlinkNote"), () => this.ctx.change(position.id, q.REVOKE_LINK, { id })),
    );
  }

  async #send(id, { label, passcode, views, expires, photo, note: words }) {
    const input = {
      positionId: id, label: label.value, passcode: passcode.value || null, viewsMax: views.value ? Number(views.value) : null,
      expiresAt: typedTime(expires.value, zoneOf(this.position)), showsPhoto: photo.checked, showsNote: words.checked,
    };
    const hasPasscode = passcode.value !== "";
    const done = await this.ctx.change(id, q.MAKE_LINK, { input });
    if (done?.path) hand(this.handed, done.path, t(hasPasscode ? "linkMadePasscode" : "linkMade"), this.ctx);
    return done;
  }
}

/** Who looked, by a link or as somebody who is shown it. */
export class Log {
  list = make("ul", { class: "rows" });

  constructor(id) {
    this.element = panel(`log-${id}`, t("log"), this.list);
  }

  show(position) {
    const looks = position.accesses ?? [];
    const row = ({ at, outcome, device, link, binding }) => {
      const who = binding ? binding.name || t("somebody") : t("byLink", { label: link?.label || t("unlabelled") });
      return make("li", {}, make("p", {}, [who, t(`look_${outcome}`)].join(" · ")), note([clockTime(at, zoneOf(position)), device].filter(Boolean).join(" · ")));
    };
    const rows = () => (looks.length ? looks.map(row) : [make("li", { class: "note" }, t("noLooks"))]);
    redraw(this.list, () => this.list.replaceChildren(...rows()), [looks, language]);
  }
}
