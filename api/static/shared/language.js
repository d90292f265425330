// The present language and its words. Each page adds its own words; nothing is said in one only.

const WORDS = { en: {}, zh: {} };

function preferred() {
  const kept = localStorage.getItem("berth.language");
  return kept in WORDS ? kept : offered();
}

// What we have of what the browser asks for.
function offered() {
  return navigator.languages.some((tag) => tag.toLowerCase().startsWith("zh")) &&
    !navigator.languages[0].toLowerCase().startsWith("en") ? "zh" : "en";
}

export let language = preferred();

export function addWords(words) {
  for (const tag of Object.keys(WORDS)) Object.assign(WORDS[tag], words[tag]);
}

export function setLanguage(tag) {
  language = tag;
  localStorage.setItem("berth.language", tag);
  document.documentElement.lang = tag === "zh" ? "zh-Hans" : "en";
}

/** The tag under which browsers know how this language writes dates and numbers. */
export const locale = () => (language === "zh" ? "zh-CN" : "en-GB");

/** The tag under which the reader writes numbers: the browser's own; where they chose another language
 * here than it asks for, one of that language. */
const numberLocale = () =>
  language === offered() ? navigator.language : navigator.languages.find((tag) => tag.toLowerCase().startsWith(language)) ?? locale();

/** The word for `key` in the present language, with `{name}` filled in. */
export function t(key, values = {}) {
  const text = WORDS[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Whether there is a word for `key`. */
export const says = (key) => key in WORDS[language];

/** Writes the words of all elements that name one in `data-t` (text) or `data-t-label`. */
export function translate(root = document) {
  for (const element of root.querySelectorAll("[data-t]")) element.textContent = t(element.dataset.t);
  for (const element of root.querySelectorAll("[data-t-label]"))
    element.setAttribute("aria-label", t(element.dataset.tLabel));
  for (const element of root.querySelectorAll("[data-t-placeholder]"))
    element.placeholder = t(element.dataset.tPlaceholder);
  document.title = `${t("title")} · Berth`;
}

/** Time of day, or date and time when not today, in the place's own zone. */
export function clockTime(iso, timeZone) {
  if (!iso) return t("never");
  const then = new Date(iso);
  const day = (date) => date.toLocaleDateString(locale(), { timeZone });
  const time = { hour: "2-digit", minute: "2-digit", timeZone };
  if (day(then) === day(new Date())) return then.toLocaleTimeString(locale(), time);
  return then.toLocaleString(locale(), { day: "numeric", month: "short", ...time });
}

// ISO 4217; browsers take these digits from another table, which differs for some.
const NO_MINOR_UNIT = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".split(" ");
const THREE_DIGITS = "BHD IQD JOD KWD LYD OMR TND".split(" ");

/** How many decimals a currency has. */
export const digitsOf = (currency) => (NO_MINOR_UNIT.includes(currency) ? 0 : THREE_DIGITS.includes(currency) ? 3 : 2);

/** An amount in minor units as the reader writes it, such as `€12.50`. */
export function money({ amountMinor, currency }, more = {}) {
  const digits = digitsOf(currency);
  const style = { style: "currency", currency, minimumFractionDigits: digits, maximumFractionDigits: digits, ...more };
  return new Intl.NumberFormat(numberLocale(), style).format(amountMinor / 10 ** digits);
}

/** Minor units of what somebody typed with a point, such as `12.50`; NaN for what is no amount. */
export function minorOf(text, currency) {
  const [, whole, part = ""] = /^\s*(\d{1,12})(?:[.,](\d+))?\s*$/.exec(text) ?? [];
  const digits = digitsOf(currency);
  return whole === undefined || part.length > digits ? NaN : Number(whole + part.padEnd(digits, "0"));
}
