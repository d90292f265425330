// A merchant's messages by SMS: what was written, how it was read, what came of it.

import { make } from "../shared/elements.js";
import { locale, t } from "../shared/language.js";
import { badge, table } from "../shared/table.js";

const note = (text) => text && make("span", { class: "note" }, text);
const shown = (iso, timeZone, style) => new Intl.DateTimeFormat(locale(), { timeZone, hour: "2-digit", minute: "2-digit", ...style }).format(new Date(iso));

/** What was understood, in one line; a text that was not read has none. */
export function understoodText(understood, timeZone) {
  if (!understood) return "–";
  const { action, orderRef, serviceAt, party, guestName, guestPhone, plate, shiftMinutes } = understood;
  const parts = [
    t(`sms_${action}`), orderRef && `#${orderRef}`, shiftMinutes ? t(shiftMinutes > 0 ? "later" : "earlier", { n: String(Math.abs(shiftMinutes)) })
      : serviceAt && shown(serviceAt, timeZone, { weekday: "short", day: "numeric", month: "short" }),
    party && t("smsParty", { n: String(party) }), guestName, guestPhone, plate,
  ];
  return parts.filter(Boolean).join(" · ");
}

const resultOf = ({ result, answer }) => make("span", {}, badge(result ?? "PENDING", t(`smsResult_${result ?? "PENDING"}`)), note(answer));

/** The messages, the newest first. */
export function smsTable(label, messages, timeZone) {
  const heads = [{ text: t("when") }, { text: t("smsText") }, { text: t("smsUnderstood") }, { text: t("smsAnswer") }];
  const rows = messages.map((each) => [
    make("span", {}, make("strong", {}, shown(each.receivedAt, timeZone, {})), note(each.sender), note(each.unit?.name)),
    make("span", {}, each.text || "–"), understoodText(each.understood, timeZone), resultOf(each),
  ]);
  return table(label, heads, rows);
}
