// Pages that the server draws, with scripts or without: here a form is only sent without leaving the
// page, and what answers it is put in the page's place.

/** Sends a form, in somebody's name where there is a token; the page that answers, and its status. */
export async function post(form, body = new URLSearchParams(new FormData(form)), token = null) {
  const headers = { accept: "text/html" };
  if (token) headers.authorization = `Bearer ${token}`;
  const response = await fetch(form.action, { method: "POST", body, headers, cache: "no-store" });
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  if (!page.querySelector("main")) throw new Error(`answered ${response.status}`);
  return { page, status: response.status };
}

/** Puts the parts of a page in the place of the present ones. */
export function swap(page) {
  for (const part of ["header", "main"]) {
    const [old, fresh] = [document.querySelector(part), page.querySelector(part)];
    if (!old.isEqualNode(fresh)) old.replaceWith(document.adoptNode(fresh));
  }
  document.title = page.title;
  document.documentElement.lang = page.documentElement.lang;
}

/** Leads the reader to the top of a page that was put in, and to what it wants first. */
export function arrive() {
  document.querySelector("main [autofocus]")?.focus();
  scrollTo(0, 0);
}

/** Says something above all else of the page. */
export function say(text) {
  document.getElementById("script-problem")?.remove();
  const told = document.createElement("p");
  told.id = "script-problem";
  told.className = "notice";
  told.setAttribute("role", "alert");
  told.textContent = text;
  document.querySelector("main").prepend(told);
}
