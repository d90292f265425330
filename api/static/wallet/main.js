// The wallet of whoever is signed in: what is in it, what moved, with what it is filled.

import { Live } from "../shared/client.js";
import { ADD_EVIDENCE, APPEAL, disputeRow, field, folded } from "../shared/disputes.js";
import { at, make, redraw } from "../shared/elements.js";
import { save } from "../shared/files.js";
import { clockTime, language, minorOf, money, t } from "../shared/language.js";
import { Shell } from "../shared/shell.js";
import { badge, table } from "../shared/table.js";
import * as q from "./queries.js";
import "./words.js";

const known = { viewer: null, disputes: [], currency: null, lines: [], after: null };
const shell = new Shell(show);
const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
const note = (key) => make("p", { class: "note" }, t(key));
let live = null;

// ---- what is shown -------------------------------------------------------------------------

function walletBox({ available, held, debt }) {
  const row = (key, amount, more = {}) => make("div", more, make("dt", {}, t(key)), make("dd", {}, money(amount)));
  return make(
    "div", {},
    make("dl", { class: "figures" }, row("available", available), held.amountMinor > 0 && row("held", held),
      debt.amountMinor > 0 && row("debt", debt, { class: "debt" })),
    debt.amountMinor > 0 && make("p", { class: "debt" }, t("debtNote")),
  );
}

function accountRow({ id, rail, label, isDefault }) {
  const button = (key, onclick) => make("button", { type: "button", onclick }, t(key));
  return make(
    "li", {},
    make("p", {}, make("span", { class: "name" }, label || t(rail)), " ", isDefault && badge("ACTIVE", t("isDefault"))),
    make("div", { class: "actions" }, !isDefault && button("makeDefault", () => change(q.SET_DEFAULT, { id })),
      id && button("remove", () => change(q.REMOVE, { id }))),
  );
}

const codeText = (code) => (t(`code_${code}`) === `code_${code}` ? code : t(`code_${code}`));

/** Which booking it was; that it was one's own wallet is no news. */
function subjectText(subject) {
  const [noun, number] = subject.split(":");
  return noun === "reservation" ? t("bookingNumber", { number }) : "";
}

function linesTable() {
  if (!known.lines.length) return note("nothingYet");
  const heads = [{ text: t("when") }, { text: t("what") }, { text: t("amount"), isNumber: true }, { text: t("balance"), isNumber: true }];
  const rows = known.lines.map(({ at: when, code, subject, reason, amount, balance }) => [
    clockTime(when, zone), make("span", {}, codeText(code), make("span", { class: "note" }, ` ${[subjectText(subject), reason].filter(Boolean).join(" · ")}`)),
    money(amount), money(balance),
  ]);
  return table(t("statement"), heads, rows);
}

function receiptsTable(charges) {
  if (!charges.length) return note("noReceipts");
  const heads = [{ text: t("number") }, { text: t("what") }, { text: t("when") }, { text: t("amount"), isNumber: true }, { text: "" }];
  const rows = charges.map((charge) => [
    make("a", { href: `.${charge.link}` }, charge.number), t(charge.kind), clockTime(charge.issuedAt, zone), money(charge.amount),
    charge.kind === "CHARGE" && charge.settlement ? disputeForm(charge) : "",
  ]);
  return table(t("receipts"), heads, rows);
}

function disputeForm({ settlement, amount: { currency } }) {
  const { id } = settlement;
  const inputs = [
    field(t("disputeAmount", { currency }), make("input", { type: "text", inputmode: "decimal", id: `no-${id}`, name: "amount", required: true })),
    field(t("whyText"), make("textarea", { id: `why-${id}`, name: "reason", rows: 3, maxlength: 2000, required: true })),
  ];
  return folded(t("disagree"), inputs, t("send"), ({ amount, reason }) => {
    const minor = minorOf(amount.value, currency);
    if (Number.isNaN(minor)) return shell.fail(new Error(t("notAnAmount", { text: amount.value, currency })));
    change(q.OPEN_DISPUTE, { id, amount: minor, reason: reason.value });
  });
}

const say = (id, text) => change(ADD_EVIDENCE, { id, text });
const appeal = (id, text) => change(APPEAL, { id, text });

function showTopUp({ paymentAccounts }) {
  const isFree = "development" in at("view").dataset;
  const chosen = at("source").value;
  const sources = paymentAccounts.map(({ id, label, rail, isDefault }) => new Option(label || t(rail), id, isDefault));
  if (isFree) sources.push(new Option(t("nowhere"), ""));
  at("source").replaceChildren(...sources);
  if (sources.some(({ value }) => value === chosen)) at("source").value = chosen;
  at("top-up").hidden = sources.length === 0;
}

function show() {
  const { viewer } = known;
  if (!viewer) return;
  at("view").hidden = false;
  at("balances").replaceChildren(...(viewer.wallets.length ? viewer.wallets.map(walletBox) : [note("emptyWallet")]));
  showTopUp(viewer);
  const own = { id: null, rail: "wallet", label: t("walletPays"), isDefault: !viewer.paymentAccounts.some(({ isDefault }) => isDefault) };
  at("accounts").replaceChildren(...[own, ...viewer.paymentAccounts].map(accountRow), make("li", { class: "note" }, t("accountsNote")));
  at("which").replaceChildren(...viewer.wallets.map(({ currency }) => new Option(currency, currency, false, currency === known.currency)));
  at("csv").disabled = known.currency === null;
  at("lines").replaceChildren(linesTable());
  at("more").hidden = known.after === null;
  const draw = (id, of, rows) => redraw(at(id), () => at(id).replaceChildren(...rows()), [of, language]);
  draw("receipts", viewer.chargeRecords.nodes, () => [receiptsTable(viewer.chargeRecords.nodes)]);
  draw("disputes", known.disputes, () => known.disputes.map((each) => disputeRow(each, zone, { say, appeal }, shell.fail)));
  at("disputes-card").hidden = known.disputes.length === 0;
}

// ---- what is known -------------------------------------------------------------------------

async function readLines(after = null) {
  if (!known.currency) return;
  const { statement } = (await shell.ask(q.STATEMENT, { currency: known.currency, after })).viewer;
  known.lines = after === null ? statement.nodes : [...known.lines, ...statement.nodes];
  known.after = statement.pageInfo.hasNextPage ? statement.pageInfo.endCursor : null;
}

async function refresh() {
  const { viewer, disputes } = await shell.ask(q.WALLET);
  Object.assign(known, { viewer, disputes: disputes.nodes });
  const currencies = known.viewer.wallets.map(({ currency }) => currency);
  if (!currencies.includes(known.currency)) known.currency = currencies[0] ?? null;
  await readLines();
  show();
}

async function change(document, variables) {
  const done = await shell.act(document, variables).catch(shell.fail);
  await refresh().catch(shell.fail);
  return done;
}

async function topUp(event) {
  event.preventDefault();
  const { amount, currency, source } = event.target.elements;
  const minor = minorOf(amount.value, currency.value);
  if (Number.isNaN(minor)) return shell.fail(new Error(t("notAnAmount", { text: amount.value, currency: currency.value })));
  const given = { amount: minor, currency: currency.value, account: source.value || null, key: crypto.randomUUID() };
  const { topUpWallet: told } = await shell.ask(q.TOP_UP, given);
  at("top-up-note").textContent = told.code ? "" : t("toppedUp");
  if (told.url?.startsWith("https://")) at("top-up-note").replaceChildren(t("needsAgreement"), " ", make("a", { href: told.url, rel: "noreferrer" }, t("agree")));
  else if (told.code) shell.fail(new Error(told.message));
  if (!told.code) amount.value = "";
  known.currency ??= currency.value;
  await refresh();
}

// ---- start ---------------------------------------------------------------------------------

function follow() {
  live?.close();
  live = new Live(shell.session.token, shell.showState);
  live.subscribe(q.BALANCE_LIVE, () => ({}), () => refresh().catch(shell.fail), shell.fail);
}

/** What a link from a booking asks for. */
function takeAsked() {
  const asked = new URLSearchParams(location.search);
  const [amountMinor, currency] = [Number(asked.get("amount")), asked.get("currency") ?? ""];
  if (!/^[A-Z]{3}$/.test(currency)) return;
  at("currency").value = currency;
  known.currency = currency;
  if (Number.isSafeInteger(amountMinor) && amountMinor > 0)
    at("amount").value = money({ amountMinor, currency }, { style: "decimal", currency: undefined, useGrouping: false }).replace(",", ".");
}

async function start() {
  if (!(await shell.start())) return;
  shell.onRenewed = follow;
  takeAsked();
  at("top-up").addEventListener("submit", (event) => {
    const button = at("top-up").querySelector("button");
    if (button.disabled) return event.preventDefault();
    button.disabled = true; // a second touch is no second payment
    topUp(event).catch(shell.fail).finally(() => (button.disabled = false));
  });
  at("which").addEventListener("change", (event) => {
    known.currency = event.target.value;
    readLines().then(show, shell.fail);
  });
  at("more").addEventListener("click", () => readLines(known.after).then(show, shell.fail));
  at("csv").addEventListener("click", () => {
    const address = new URL(`../../csv/wallet?currency=${known.currency}`, import.meta.url);
    save(address, shell.session.token).catch(shell.fail);
  });
  await refresh();
  follow();
}

start().catch(shell.fail);
