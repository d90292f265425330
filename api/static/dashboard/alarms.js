// What somebody has to go and look at, and titles that somebody has to decide.

import { make, redraw } from "../shared/elements.js";
import { clockTime, t } from "./words.js";

const note = (text) => make("p", { class: "note" }, text);

function alarmRow(alarm, timeZone, onAcknowledge) {
  const since = clockTime(alarm.raisedAt, timeZone);
  const seen = alarm.acknowledgedAt && t("acknowledged", { time: clockTime(alarm.acknowledgedAt, timeZone) });
  const button = make("button", { type: "button", onclick: () => onAcknowledge(alarm.id) }, t("acknowledge"));
  return make(
    "li", { "data-alarm": alarm.kind, class: seen ? "is-seen" : "" },
    make("p", {}, make("strong", {}, `${alarm.space?.number ?? "–"} · ${t(`alarm_${alarm.kind}`)}`)),
    make("p", { class: "note" }, t("since", { time: since }), alarm.detail && ` · ${alarm.detail}`),
    seen ? note(seen) : make("p", { class: "actions" }, button),
  );
}

/** Writes the alarms that are not over, those that nobody takes care of first. */
export function showAlarms(container, alarms, timeZone, onAcknowledge) {
  if (!alarms.length) return container.replaceChildren(note(t("noAlarms")));
  const open = [...alarms].sort((a, b) => Boolean(a.acknowledgedAt) - Boolean(b.acknowledgedAt));
  container.replaceChildren(make("ul", { class: "rows" }, open.map((alarm) => alarmRow(alarm, timeZone, onAcknowledge))));
}

function titleRow(title, timeZone, { approve, decline }) {
  const field = make("input", { type: "text", id: `why-${title.id}`, maxlength: 500, required: true });
  const form = make(
    "form", { onsubmit: (event) => (event.preventDefault(), decline(title.id, field.value)) },
    make("p", {}, make("label", { for: field.id }, t("titleReason"))), make("p", {}, field),
    make("p", {}, make("button", { class: "danger" }, t("titleDecline"))),
  );
  return make(
    "li", {},
    make("p", {}, make("strong", {}, `${title.space?.number ?? "–"} · ${title.organisationName}`)),
    make("p", { class: "note" }, `${title.documentReference} · ${clockTime(title.requestedAt, timeZone)}`),
    make("p", { class: "actions" }, make("button", { class: "primary", type: "button", onclick: () => approve(title.id) }, t("titleApprove"))),
    make("details", {}, make("summary", {}, t("titleDecline")), form),
  );
}

/** Writes the requests for title that wait for the operator. */
export function showTitles(container, titles, timeZone, verbs) {
  if (!titles.length) return container.replaceChildren(note(t("noTitles")));
  redraw(container, () => {
    container.replaceChildren(make("ul", { class: "rows" }, titles.map((title) => titleRow(title, timeZone, verbs))));
  });
}
