// Days by their names, such as `2026-01-31`.

const DAY_MS = 86_400_000;

/** The day on which clocks of a zone are at an instant, by default now. */
export const dayIn = (timeZone, at = Date.now()) => new Intl.DateTimeFormat("sv-SE", { timeZone }).format(new Date(at));

/** The day on which clocks of a zone are now. */
export const todayIn = (timeZone) => dayIn(timeZone);

/** So many days after one. */
export const daysAfter = (day, count) => new Date(Date.parse(day) + count * DAY_MS).toISOString().slice(0, 10);
