// Files that are given only to who brings a token: fetched with it, then saved.

async function fetched(address, token, told) {
  const headers = { authorization: `Bearer ${token}` };
  const sent = told === null ? {} : { method: "POST", body: JSON.stringify(told) };
  const response = await fetch(address, { headers, cache: "no-store", ...sent });
  if (!response.ok) throw new Error((await response.text()).trim() || String(response.status));
  const name = /filename="([^"]+)"/.exec(response.headers.get("content-disposition") ?? "")?.[1] ?? "berth";
  return { name, url: URL.createObjectURL(await response.blob()) };
}

/** Saves the file under the name that the server gives it; `told` is sent with the question. */
export async function save(address, token, told = null) {
  const { name, url } = await fetched(address, token, told);
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
