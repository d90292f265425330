// For the platform's own people: totals, disputes to decide, orders to payment rails that are stuck.

import { drawBars } from "../shared/chart.js";
import { daysAfter, todayIn } from "../shared/days.js";
import { ADD_EVIDENCE, DECIDE, disputeRow } from "../shared/disputes.js";
import { at, make, redraw } from "../shared/elements.js";
import { save } from "../shared/files.js";
import { addWords, clockTime, language, locale, money, t } from "../shared/language.js";
import "../shared/money_words.js";
import { Shell } from "../shared/shell.js";
import { sumsFigures, sumsTable } from "../shared/sums.js";
import { badge } from "../shared/table.js";
import { DISPUTES, ORDERS, RETRY, TOTALS } from "./queries.js";

addWords({
  en: {
    title: "Platform", skip: "Skip to the totals", signInFirst: "Sign in as one of the platform's people.",
    notPlatform: "This page is for people with the role PLATFORM.", totals: "Totals", toDecide: "Disputes to decide", orders: "Orders that need a person",
    noOrders: "None.", noTotals: "Nothing was settled in this time.", retry: "Ask again", grossOf: "{currency}: gross over time", day: "Period",
    order_AUTHORISE: "Reserve", order_CAPTURE: "Take", order_RELEASE: "Release", order_REFUND: "Refund", order_PAYOUT: "Pay out",
    attempts: "tried {n} times since {at}", NEEDS_PERSON: "Needs a person",
  },
  zh: {
    title: "平台", skip: "跳到总计", signInFirst: "请以平台人员身份登录。",
    notPlatform: "此页面仅供具有 PLATFORM 角色的人员使用。", totals: "总计", toDecide: "待裁定的争议", orders: "需人工处理的指令",
    noOrders: "没有。", noTotals: "此期间没有结算。", retry: "重试", grossOf: "{currency}：总额走势", day: "期间",
    order_AUTHORISE: "预授权", order_CAPTURE: "扣款", order_RELEASE: "释放", order_REFUND: "退款", order_PAYOUT: "付款",
    attempts: "自 {at} 起尝试 {n} 次", NEEDS_PERSON: "需人工处理",
  },
});

const DAYS_BEFORE = 6;
const known = { totals: [], disputes: [], orders: [] };
const shell = new Shell(show);
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

function span() {
  return { first: at("from").value, until: daysAfter(at("until").value, 1), by: at("by").value, timeZone: zone };
}

const dayName = (iso) => new Intl.DateTimeFormat(locale(), { timeZone: "UTC", day: "numeric", month: "short" }).format(new Date(iso));

function showTotals() {
  const drawn = known.totals.map(({ currency, total, buckets }) => {
    const chart = make("div", {});
    const rows = buckets.filter(({ sums }) => sums.bookings).map(({ firstDay, sums }) => [dayName(firstDay), sums]);
    const box = make("section", { "aria-label": currency }, make("h2", {}, currency), sumsFigures(total), chart, sumsTable(currency, t("day"), rows, total));
    return { box, chart, currency, buckets };
  });
  at("totals").replaceChildren(...(drawn.length ? drawn.map(({ box }) => box) : [make("p", { class: "note" }, t("noTotals"))]));
  for (const { chart, currency, buckets } of drawn) {
    const bars = buckets.map(({ firstDay, sums }) => ({
      label: dayName(firstDay), title: `${dayName(firstDay)}: ${money(sums.gross)}`, value: sums.gross.amountMinor,
    }));
    const format = (amountMinor) => money({ amountMinor, currency }, { notation: "compact" });
    drawBars(chart, bars, { label: t("grossOf", { currency }), format });
  }
}

function orderRow({ id, kind, state, rail, amount, attempts, lastError, createdAt, payout }) {
  return make(
    "li", { "data-id": id },
    make("p", {}, badge(state), " ", make("span", { class: "name" }, `${t(`order_${kind}`)} ${money(amount)}`),
      ` · ${t(rail)}`, payout?.organisation && ` · ${payout.organisation.name}`),
    make("p", {}, lastError),
    make("p", { class: "note" }, t("attempts", { n: attempts, at: clockTime(createdAt, zone) })),
    make("div", { class: "actions" }, make("button", { type: "button", onclick: () => act(RETRY, { id }) }, t("retry"))),
  );
}

function show() {
  showTotals();
  const none = (key) => [make("li", { class: "note" }, t(key))];
  const disputes = known.disputes.map((each) => disputeRow(each, zone, { say, decide }, shell.fail));
  redraw(at("disputes"), () => at("disputes").replaceChildren(...(disputes.length ? disputes : none("noDisputes"))), [known.disputes, language]);
  at("orders").replaceChildren(...(known.orders.length ? known.orders.map(orderRow) : none("noOrders")));
}

async function readTotals() {
  if (!at("from").value || !at("until").value) return true;
  const { platformTotals } = await shell.ask(TOTALS, span());
  known.totals = platformTotals ?? [];
  return platformTotals !== null;
}

async function refresh() {
  const [isMine, { disputes }, { railOrders }] = await Promise.all([readTotals(), shell.ask(DISPUTES), shell.ask(ORDERS)]);
  if (!isMine) return shell.showEmpty("notPlatform");
  known.disputes = disputes.nodes;
  known.orders = railOrders.nodes;
  at("view").hidden = false;
  show();
}

const act = (document, variables) => shell.act(document, variables).then(refresh).catch(shell.fail);
const say = (id, text) => act(ADD_EVIDENCE, { id, text });
const decide = (id, toDriver, decision) => act(DECIDE, { id, toDriver, decision });

async function start() {
  if (!(await shell.start())) return;
  at("until").value = todayIn(zone);
  at("from").value = daysAfter(at("until").value, -DAYS_BEFORE);
  for (const id of ["from", "until", "by"]) at(id).addEventListener("change", () => readTotals().then(showTotals, shell.fail));
  at("csv").addEventListener("click", () => {
    const { first, until, by, timeZone } = span();
    const asked = new URLSearchParams({ firstDay: first, untilDay: until, by, timeZone });
    save(new URL(`../../csv/platform/totals?${asked}`, import.meta.url), shell.session.token).catch(shell.fail);
  });
  await refresh();
}

start().catch(shell.fail);
