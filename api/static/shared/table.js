// Tables that become cards on a phone: each cell knows the name of its column.

import { make } from "./elements.js";
import { t } from "./language.js";

/** A state in a frame of its colour. */
export const badge = (state, text = t(state)) => make("span", { class: "badge", "data-state": state }, text);

/** A table; `heads` are `{text, isNumber}`, `foot` is one row. */
export function table(label, heads, rows, foot = []) {
  const cell = (name, value, i) => make(
    name, { class: heads[i]?.isNumber ? "amount" : null, scope: name === "th" ? "col" : null, "data-head": heads[i]?.text || null }, value,
  );
  const body = rows.map((row) => make("tr", {}, row.map((value, i) => cell("td", value, i))));
  const made = make(
    "table", {},
    make("thead", {}, make("tr", {}, heads.map(({ text }, i) => cell("th", text, i)))),
    make("tbody", {}, body),
    foot.length ? make("tfoot", {}, make("tr", {}, foot.map((value, i) => cell("td", value, i)))) : null,
  );
  return make("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": label }, made);
}
