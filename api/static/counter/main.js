// The screen at a counter: shows the code that is good now, gets the next one in time, and shows none
// rather than one that nobody takes any more.

import { at } from "../shared/elements.js";
import { addWords, language, setLanguage, t, translate } from "../shared/language.js";
import { Session } from "../shared/session.js";
import { followTheme } from "../shared/theme.js";

const AFTER_MS = 250; // a picture is good for a while after its time: nothing is lost by asking late
const RETRY_MS = 2_000;
const STOPPED_MS = 20_000;
const TICK_MS = 1_000;
const FETCH_MS_MAX = 8_000;

const OTHER = { en: "zh", zh: "en" };
const SCAN = { en: "Scan for parking", zh: "扫码领取停车优惠" };
const HOW = { en: "Scan the code with your phone and type your vehicle code.", zh: "用手机扫码并输入您的车辆码。" };

addWords({
  en: {
    title: "Counter", from: "{place} · from {issuer}",
    language: "中文", languageName: "Switch to Chinese", theme: "Light or dark", full: "Full screen", signIn: "Sign in", back: "Rights",
    live: "Live", connecting: "Connecting…", offline: "Connection lost", lost: "Connection lost. The code comes back by itself.",
    signInFirst: "Sign in as the issuer of this code.", missing: "There is no such code for this screen, or it is a printed one.",
    NOT_YET_VALID: "This code is not valid yet.", EXPIRED: "This code has expired.", REVOKED: "This code was revoked.",
    EXHAUSTED: "Everything is given away for now.", UNKNOWN: "There is no such code for this screen.",
  },
  zh: {
    title: "柜台屏幕", from: "{place} · 由 {issuer} 提供",
    language: "English", languageName: "切换到英文", theme: "浅色或深色", full: "全屏", signIn: "登录", back: "停车优惠",
    live: "实时", connecting: "正在连接…", offline: "连接已断开", lost: "连接已断开，恢复后二维码会自动显示。",
    signInFirst: "请以发放方身份登录。", missing: "没有可在此屏幕显示的码，或该码为印刷码。",
    NOT_YET_VALID: "此码尚未生效。", EXPIRED: "此码已过期。", REVOKED: "此码已撤销。",
    EXHAUSTED: "优惠已全部发放。", UNKNOWN: "没有可在此屏幕显示的码。",
  },
});

const id = location.pathname.split("/").at(-1);
const session = new Session(() => {});
const known = { code: null, renewAt: 0, goodUntil: 0, told: "", pulse: "connecting" };
let timer = null;
let wakeLock = null;

// A clock that nobody sets; what counts are spans.
const now = () => performance.now();

// ---- what is shown -------------------------------------------------------------------------

/** What customers read is said in both languages, that of the screen first. */
const inBoth = (said) => `${said[language]} · ${said[OTHER[language]]}`;

function show() {
  translate();
  const { code, pulse } = known;
  const isGood = Boolean(code) && code.state === "ACTIVE" && now() < known.goodUntil;
  const told = isGood ? "" : known.told || (code && code.state !== "ACTIVE" ? code.state : code ? "lost" : "");
  at("screen").dataset.state = isGood ? "shown" : told ? "told" : "waiting";
  at("screen").setAttribute("aria-busy", String(!isGood && !told));
  at("told").hidden = !told;
  if (at("told").textContent !== (told && t(told))) at("told").textContent = told && t(told); // said once
  at("title").textContent = inBoth(SCAN);
  at("gives").textContent = code ? [code.gives[language], code.gives[OTHER[language]]].filter(Boolean).join(" · ") : "";
  at("where").textContent = code ? [code.issuer ? t("from", code) : code.place, code.label].filter(Boolean).join(" · ") : "";
  at("how").textContent = inBoth(HOW);
  at("pulse").dataset.state = pulse;
  at("pulse").textContent = t(pulse);
  const share = code ? Math.min(1, Math.max(0, (known.renewAt - now()) / code.renewInMs)) : 0;
  at("left").firstElementChild.style.transform = `scaleX(${share})`;
}

function draw(code) {
  const drawn = new DOMParser().parseFromString(code.svg, "image/svg+xml").documentElement;
  drawn.removeAttribute("width");
  drawn.removeAttribute("height");
  drawn.setAttribute("aria-label", SCAN[language]);
  at("code").replaceChildren(document.importNode(drawn, true));
}

// ---- what is known -------------------------------------------------------------------------

const picture = () => fetch(`${location.pathname}/picture`, {
  headers: { authorization: `Bearer ${session.token}` }, cache: "no-store", signal: AbortSignal.timeout(FETCH_MS_MAX),
});

/** The next picture, and in how many milliseconds to ask again. */
async function renew() {
  const asked = now(); // spans are counted from before the question: an answer may take its time
  let response = await picture();
  if (response.status === 401 && (await session.start())) response = await picture();
  if (response.status === 401) return stop("signInFirst");
  if (response.status === 404) return stop("missing");
  if (!response.ok) throw new Error(String(response.status));
  const code = await response.json();
  at("sign-in").hidden = true;
  Object.assign(known, { code, told: "", pulse: "live", renewAt: asked + code.renewInMs, goodUntil: asked + code.goodForMs });
  draw(code);
  return code.renewInMs + AFTER_MS;
}

/** Shows why there is nothing to show; looked at again later, as somebody may mend it elsewhere. */
function stop(told) {
  Object.assign(known, { code: null, told, pulse: "live" });
  at("sign-in").hidden = told !== "signInFirst";
  return STOPPED_MS;
}

async function turn() {
  clearTimeout(timer);
  let wait = RETRY_MS;
  try {
    wait = await renew();
  } catch {
    known.pulse = "offline";
  }
  show();
  clearTimeout(timer); // another turn may have begun meanwhile
  timer = setTimeout(turn, wait);
}

// ---- the screen ----------------------------------------------------------------------------

/** Keeps the screen on, where the browser can and may. */
async function stayAwake() {
  if (document.visibilityState !== "visible" || wakeLock) return;
  wakeLock = await navigator.wakeLock?.request("screen").catch(() => null);
  wakeLock?.addEventListener("release", () => (wakeLock = null));
}

function listen() {
  at("language").addEventListener("click", () => (setLanguage(language === "en" ? "zh" : "en"), show()));
  at("full").hidden = !document.fullscreenEnabled;
  const fill = () => document.documentElement.requestFullscreen().catch(() => {});
  at("full").addEventListener("click", fill);
  addEventListener("keydown", (event) => {
    if (event.key === "f" && !event.ctrlKey && !event.metaKey && !event.altKey && !document.fullscreenElement && document.fullscreenEnabled) fill();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState !== "visible") return;
    stayAwake();
    turn(); // a tablet that slept shows a fresh one at once
  });
  addEventListener("online", turn);
  addEventListener("offline", () => ((known.pulse = "offline"), show()));
  setInterval(show, TICK_MS);
}

async function start() {
  followTheme(at("theme"));
  setLanguage(language);
  listen();
  show();
  at("sign-in").href += `?next=${encodeURIComponent(location.pathname)}`;
  stayAwake();
  await session.start();
  await turn();
}

start();
