// Days and instants in a place's own time zone, whatever the browser's is.

const DAY_MS = 86_400_000;

/** What a clock at the place shows: the local date as a UTC midnight, and hours since it began. */
export function localOf(instant, timeZone) {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric",
  });
  const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
  return { day: Date.UTC(part.year, part.month - 1, part.day), hours: part.hour + part.minute / 60 };
}

/** The Monday (as a UTC midnight) of the local week of an instant. */
export function mondayOf(instant, timeZone) {
  const { day } = localOf(instant, timeZone);
  return day - ((new Date(day).getUTCDay() + 6) % 7) * DAY_MS;
}

export const addDays = (day, count) => day + count * DAY_MS;

/** The instant at which a local date begins; of days without a midnight, the first instant. */
export function instantOf(day, timeZone) {
  let guess = day;
  for (let round = 0; round < 3; round += 1) {
    const local = localOf(new Date(guess), timeZone);
    const off = local.day + local.hours * 3_600_000 - day;
    if (off === 0) break;
    guess -= off;
  }
  return new Date(guess);
}

/** Pieces of `[startsAt, endsAt)` by local day of the week: `{ column, from, until }` in hours. */
export function pieces(startsAt, endsAt, monday, timeZone) {
  const found = [];
  const start = localOf(new Date(startsAt), timeZone);
  const end = localOf(new Date(endsAt), timeZone);
  for (let column = 0; column < 7; column += 1) {
    const day = addDays(monday, column);
    if (day < start.day || day > end.day) continue;
    const from = day === start.day ? start.hours : 0;
    const until = day === end.day ? end.hours : 24;
    if (until > from) found.push({ column, from, until });
  }
  return found;
}
