// Times on the clocks of a place, whatever zone this device is in.

const MINUTE_MS = 60_000;
const LOCAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d/;

/** What clocks of a zone show at an instant, such as `2026-01-31T19:00`. */
export function wallTime(timeZone, at) {
  const style = { timeZone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Intl.DateTimeFormat("sv-SE", style).format(at).replace(" ", "T");
}

/** The instant at which clocks of a zone show `2026-01-31T19:00`, in ms; of two the first; NaN for a
 * time that they skip. */
export function instantOf(timeZone, text) {
  const wanted = LOCAL.test(text) ? text.slice(0, 16) : "";
  const guess = Date.parse(`${wanted}Z`);
  if (Number.isNaN(guess)) return NaN;
  const offsets = [-24, 24].map((hours) => {
    const at = guess + hours * 60 * MINUTE_MS;
    return Date.parse(`${wallTime(timeZone, at)}Z`) - at;
  });
  const found = offsets.map((offset) => guess - offset).filter((at) => wallTime(timeZone, at) === wanted);
  return found.length ? Math.min(...found) : NaN;
}

/** When a day begins in a zone, as RFC 3339; where its clocks skip midnight, an hour later. */
export function dayStart(timeZone, day) {
  const midnight = instantOf(timeZone, `${day}T00:00`);
  return new Date(Number.isNaN(midnight) ? instantOf(timeZone, `${day}T01:00`) : midnight).toISOString();
}
