// Elements made of text, never of markup: what a name says is shown and not run.

/** An element with attributes (`onclick` and the like are listeners) and children. */
export function make(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && typeof value === "boolean") element[key] = value;
    else element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const at = (id) => document.getElementById(id);

const drawnOf = new WeakMap();

/** Draws a container anew by `draw`, and leaves what somebody is typing in a `details`, or in a form
 * with `data-typed`, as it was. With `of`, what is drawn, nothing is done while that is the same. */
export function redraw(container, draw, of = undefined) {
  const told = of && JSON.stringify(of);
  if (told && drawnOf.get(container) === told) return;
  drawnOf.set(container, told);
  const open = [...container.querySelectorAll(":is(details[open], form[data-typed]) :is(input, textarea, select)[id]")]
    .filter((field) => field.closest("details")?.open ?? true) // not what is folded inside of something open
    .map((field) => ({ id: field.id, value: field.value, isTicked: field.checked, isFocused: field === document.activeElement }));
  draw();
  for (const { id, value, isTicked, isFocused } of open) {
    const field = container.querySelector(`#${CSS.escape(id)}`);
    if (!field) continue;
    field.value = value;
    if (field.type === "checkbox") field.checked = isTicked;
    const details = field.closest("details");
    if (details) details.open = true;
    else field.form.dataset.typed = "";
    if (isFocused) field.focus({ preventScroll: true });
  }
}

/** Puts these elements into a container, in order, and no others. What is there already is not touched, so that
 * somebody who types in it goes on. */
export function arrange(container, elements) {
  for (const each of [...container.children]) if (!elements.includes(each)) each.remove();
  elements.forEach((each, i) => container.children[i] === each || container.insertBefore(each, container.children[i] ?? null));
}
