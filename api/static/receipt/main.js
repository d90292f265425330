// A receipt by its number: the server draws it for who brings a token, which only a script has.

import { at } from "../shared/elements.js";
import { save } from "../shared/files.js";
import { Session } from "../shared/session.js";

const session = new Session(() => {});

async function show() {
  const signedIn = await session.start();
  at("sign-in").href += `?next=${encodeURIComponent(location.pathname)}`;
  if (!signedIn) return tell();
  const headers = { authorization: `Bearer ${session.token}`, accept: "text/html" };
  const response = await fetch(location.href, { headers, cache: "no-store" });
  if (!response.ok) return tell(at("receipt").dataset.missing);
  const drawn = new DOMParser().parseFromString(await response.text(), "text/html");
  document.title = drawn.title;
  for (const part of ["header nav", "main"]) document.querySelector(part).replaceWith(drawn.querySelector(part));
  for (const link of document.querySelectorAll("a[data-download]"))
    link.addEventListener("click", (event) => (event.preventDefault(), save(link.href, session.token)));
}

function tell(text) {
  at("told").hidden = false;
  if (text) at("told").textContent = text;
  at("receipt").removeAttribute("aria-busy");
}

show().catch((error) => tell(error.message));
