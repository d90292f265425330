// Parts of pages that are opened where they stand, and the forms in them, which are sent once.

import { make } from "./elements.js";
import { t } from "./language.js";

export const note = (text) => make("p", { class: "note" }, text);

export const text = (id, name, more = {}) => make("input", { type: "text", id, name, autocomplete: "off", ...more });

export const labelled = (label, input) => make("label", { class: "field" }, make("span", {}, label), input);

export const tick = (label, input) => make("label", { class: "tick" }, input, make("span", {}, label));

/** Options `[value, text]` as a `select`. */
export function choice(id, name, options, more = {}) {
  const select = make("select", { id, name, ...more });
  for (const [value, label] of options) select.add(new Option(label, value));
  return select;
}

/** Something to open. */
export const panel = (id, title, ...content) => make("details", { "data-id": id }, make("summary", {}, title), content);

/** Closes what was filled in, also where it was drawn anew meanwhile, and leaves the keyboard where it was opened. */
function fold(form) {
  const old = form.closest("details");
  const details = old?.isConnected ? old : old && document.querySelector(`details[data-id="${CSS.escape(old.dataset.id)}"]`);
  if (!details) return;
  const isHere = document.activeElement === document.body || details.contains(document.activeElement);
  details.open = false;
  if (isHere) details.querySelector("summary").focus({ preventScroll: true });
}

/** A form; `onSend(elements)` answers whether it is done; then it is empty, and folded unless it `stays`. A second
 * touch is no second form. */
export function form(fields, label, onSend, { isDanger = false, stays = false } = {}) {
  const button = make("button", { class: isDanger ? "danger" : "primary" }, label);
  const send = async (event) => {
    event.preventDefault();
    if (button.disabled) return;
    button.disabled = true;
    if (!(await onSend(made.elements).finally(() => (button.disabled = false)))) return;
    made.reset();
    if (!stays) fold(made);
  };
  const made = make("form", { onsubmit: send }, fields, make("p", { class: "actions" }, button));
  return made;
}

/** What cannot be undone asks once more. */
export const sure = (id, label, warning, act) => panel(id, label, form([note(warning)], t("yes"), act, { isDanger: true }));
