// What who runs places sees: exit codes, and what is redeemed today.

import { make } from "../shared/elements.js";
import { clockTime, money, t } from "../shared/language.js";
import { giftText } from "../shared/right_words.js";
import { badge, table } from "../shared/table.js";

/** One exit code. */
export function exitRow({ id, label, link }, { print, revoke }) {
  return make(
    "li", { "data-id": id },
    make("p", {}, make("a", { href: `.${link}`, class: "name" }, label || `…${link.slice(-4)}`)),
    make(
      "p", { class: "actions" },
      make("button", { type: "button", onclick: () => print(id) }, t("print")),
      make("button", { type: "button", class: "danger", onclick: () => revoke(id) }, t("revoke")),
    ),
  );
}

const wayText = (way) => t(way === "ACCESS" ? "way_ACCESS" : way);

/** Redemptions, the newest first. */
export function redemptionsTable(redemptions, timeZone) {
  const heads = [
    { text: t("when") }, { text: t("plate") }, { text: t("what") }, { text: t("state") }, { text: t("way") },
    { text: t("expected"), isNumber: true }, { text: t("paid"), isNumber: true },
  ];
  const rows = redemptions.map(({ at, plate, right, state, way, expected, paidByIssuer, paidByOperator }) => {
    const paid = paidByIssuer && { ...paidByIssuer, amountMinor: paidByIssuer.amountMinor + (paidByOperator?.amountMinor ?? 0) };
    return [
      clockTime(at, timeZone), plate || "–", make("span", {}, giftText(right), make("span", { class: "note" }, ` ${right.issuerName}`)),
      badge(state), wayText(way), money(expected), paid ? money(paid) : "–",
    ];
  });
  return table(t("today"), heads, rows);
}
