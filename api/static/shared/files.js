// Files that are given only to who brings a token: fetched with it, then saved.

async function fetched(address, token) {
  const response = await fetch(address, { headers: { authorization: `Bearer ${token}` }, cache: "no-store" });
  if (!response.ok) throw new Error((await response.text()).trim() || String(response.status));
  const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1] ?? "berth";
  return { name, url: URL.createObjectURL(await response.blob()) };
}

/** Saves the file under the name that the server gives it. */
export async function save(address, token) {
  const { name, url } = await fetched(address, token);
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
