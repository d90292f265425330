// The close of a local day of a place, for who runs it.

import { Live } from "../shared/client.js";
import { daysAfter, todayIn } from "../shared/days.js";
import { at, make } from "../shared/elements.js";
import { save } from "../shared/files.js";
import { addWords, money, t } from "../shared/language.js";
import "../shared/money_words.js";
import { Shell } from "../shared/shell.js";
import { sumsFigures, sumsTable } from "../shared/sums.js";
import { CLOSE, CLOSE_LIVE, PLACES, RUN_BY } from "./queries.js";

addWords({
  en: {
    title: "Daily close", skip: "Skip to the figures", signInFirst: "Sign in as the operator of a place.", noPlace: "You run no place.",
    day: "Day", place: "Place", dayOf: "Local day of the place", dayBefore: "Day before", dayAfter: "Day after", bySpace: "By bay",
    bay: "Bay", credits: "Credited ({n})", noStay: "Nothing was settled that day.",
  },
  zh: {
    title: "日结", skip: "跳到数据", signInFirst: "请以停车场运营方身份登录。", noPlace: "您没有运营的停车场。",
    day: "日期", place: "停车场", dayOf: "停车场当地日期", dayBefore: "前一天", dayAfter: "后一天", bySpace: "按车位",
    bay: "车位", credits: "退款（{n}）", noStay: "当天没有结算。",
  },
});

const SETTLE_MS = 250;
const PAGES_MAX = 20;
const known = { places: [], close: null };
const shell = new Shell(show);
let live = null;
let settling = null;

const place = () => known.places.find(({ id }) => id === at("place").value);

function show() {
  const { close } = known;
  if (!close) return;
  const credited = close.credits ? [[t("credits", { n: close.credits }), money(close.credited)]] : [];
  at("sums").replaceChildren(sumsFigures(close.sums, credited));
  const rows = close.spaces.map(({ number, sums }) => [number, sums]);
  at("spaces").replaceChildren(rows.length ? sumsTable(t("bySpace"), t("bay"), rows, close.sums) : make("p", { class: "note" }, t("noStay")));
}

async function read() {
  const [id, day] = [at("place").value, at("day").value];
  if (!day) return;
  history.replaceState(null, "", `?${new URLSearchParams({ place: id, day })}`);
  const { place: told } = await shell.ask(CLOSE, { id, day });
  if (id !== at("place").value || day !== at("day").value) return;
  known.close = told?.dailyClose ?? null;
  if (!known.close) return shell.showEmpty("noPlace");
  show();
}

function turn(days) {
  at("day").value = daysAfter(at("day").value, days);
  read().catch(shell.fail);
}

function follow() {
  live?.close();
  live = new Live(shell.session.token, shell.showState);
  live.subscribe(CLOSE_LIVE, () => ({ id: at("place").value }), () => {
    clearTimeout(settling);
    settling = setTimeout(() => read().catch(shell.fail), SETTLE_MS);
  }, shell.fail);
}

/** The places of the organisations for which the viewer is OPERATOR. */
async function loadPlaces() {
  const { viewer } = await shell.ask(RUN_BY);
  const mine = new Set(viewer.memberships.filter(({ roles }) => roles.includes("OPERATOR")).map(({ organisation }) => organisation.id));
  for (let after = null, page = 0; mine.size && page < PAGES_MAX; page += 1) {
    const { places } = await shell.ask(PLACES, { after });
    known.places.push(...places.nodes.filter(({ organisation }) => mine.has(organisation?.id)));
    if (!places.pageInfo.hasNextPage) break;
    after = places.pageInfo.endCursor;
  }
}

async function start() {
  if (!(await shell.start())) return;
  await loadPlaces();
  if (!known.places.length) return shell.showEmpty("noPlace");
  at("view").hidden = false;
  at("place").replaceChildren(...known.places.map(({ id, name }) => new Option(name, id)));
  const asked = new URLSearchParams(location.search);
  if (known.places.some(({ id }) => id === asked.get("place"))) at("place").value = asked.get("place");
  at("day").value = asked.get("day") ?? "";
  at("day").value ||= todayIn(place().timeZone);
  at("day").addEventListener("change", () => read().catch(shell.fail));
  at("place").addEventListener("change", () => read().then(follow, shell.fail));
  at("before").addEventListener("click", () => turn(-1));
  at("after").addEventListener("click", () => turn(1));
  at("csv").addEventListener("click", () => {
    const address = new URL(`../../csv/places/${encodeURIComponent(at("place").value)}/close?day=${at("day").value}`, import.meta.url);
    save(address, shell.session.token).catch(shell.fail);
  });
  shell.onRenewed = follow;
  await read();
  follow();
}

start().catch(shell.fail);
