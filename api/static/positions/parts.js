// Times as people type them, and photos that keep their element.

import { make } from "../shared/elements.js";
import { note } from "../shared/folds.js";
import { t } from "../shared/language.js";
import { instantOf } from "../shared/times.js";

export const HERE = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** The instant that was typed on clocks of a zone, as RFC 3339; null for nothing. Throws what to say of one that there is not. */
export function typedTime(value, timeZone) {
  if (!value) return null;
  const at = instantOf(timeZone, value);
  if (Number.isNaN(at)) throw new Error(t("noSuchTime"));
  return new Date(at).toISOString();
}

/** Says on which clocks times are, where these are not the reader's. */
export const zoneNote = (timeZone) => timeZone !== HERE && note(t("zoneIs", { zone: timeZone }));

const pictures = new Map();
const addresses = new Map();

/** Takes the short-lived addresses of photos out of what was read: they change, the photos do not. */
export function keepAddresses(versions) {
  for (const { photo } of versions) {
    if (!photo?.url) continue;
    addresses.set(photo.id, photo.url);
    for (const [key, made] of pictures) if (key.endsWith(`:${photo.id}`)) see(made, photo.id);
    delete photo.url;
  }
}

/** Gives a picture that has not come yet the newest address. */
function see(made, photoId) {
  const address = new URL(`../..${addresses.get(photoId)}`, import.meta.url).href;
  if (!made.naturalWidth && made.src !== address) made.src = address;
}

/** A photo in one place of the page; the same element as before, so that nothing flickers. */
export function picture(where, photo, words) {
  const key = `${where}:${photo.id}`;
  const found = pictures.get(key) ?? make("img", { class: "photo", width: photo.widthPixels, height: photo.heightPixels, loading: "lazy" });
  pictures.set(key, found);
  found.alt = words;
  see(found, photo.id);
  return found;
}

/** Forgets the photos of a position that is not to be seen any more. */
export function dropPictures(positionId) {
  for (const key of pictures.keys()) if (key.startsWith(`${positionId}:`)) pictures.delete(key);
}
