// An address that is told once, to whoever made it: to be copied, passed on, or read from the screen.

import { make } from "../shared/elements.js";
import { t } from "../shared/language.js";

const CODE = new URL("../../positions/code", import.meta.url);
const TOLD_MS = 4_000;

async function copy(button, address) {
  try {
    await navigator.clipboard.writeText(address);
  } catch {
    return prompt(t("address"), address); // where the clipboard is not given
  }
  button.textContent = t("copied");
  setTimeout(() => (button.textContent = t("copy")), TOLD_MS);
}

async function drawn(path, token) {
  const response = await fetch(CODE, { method: "POST", body: path, headers: { authorization: `Bearer ${token}` }, cache: "no-store" });
  if (!response.ok) throw new Error(String(response.status));
  return `data:image/svg+xml,${encodeURIComponent(await response.text())}`;
}

/** Puts the address into `container` and the reader before it; `words` says whose it is. */
export function hand(container, path, words, { shell }) {
  const address = new URL(`../..${path}`, import.meta.url).href;
  const code = make("p", { class: "code" });
  const show = async () => {
    const source = await drawn(path, shell.session.token);
    code.replaceChildren(make("img", { src: source, alt: t("codeAlt"), width: 240, height: 240 }));
  };
  const done = () => container.replaceChildren();
  const copying = make("button", { type: "button", class: "primary", onclick: () => copy(copying, address) }, t("copy"));
  const shared = { title: t("title"), text: words, url: address };
  container.replaceChildren(make(
    "div", { class: "handed", tabindex: "-1" },
    make("p", {}, words),
    make("output", { class: "address" }, address),
    make("p", {}, make("strong", {}, t("shownOnce"))),
    make(
      "p", { class: "actions" }, copying,
      "share" in navigator && make("button", { type: "button", onclick: () => navigator.share(shared).catch(() => {}) }, t("share")),
      make("button", { type: "button", onclick: () => show().catch(shell.fail) }, t("asCode")),
      make("button", { type: "button", onclick: done }, t("noted")),
    ),
    code,
  ));
  container.firstChild.focus({ preventScroll: true });
  container.scrollIntoView({ block: "nearest" });
}
