// The queue of a place's attendants: where drivers ask that somebody looks where exactly their car stands, live.

import { Live } from "../shared/client.js";
import { arrange, at, make } from "../shared/elements.js";
import { t } from "../shared/language.js";
import { Shell } from "../shared/shell.js";
import * as q from "./queries.js";
import { QuestionCard } from "./question.js";
import "./words.js";

const ATTENDING = ["ATTENDANT", "OPERATOR"];
const PAGES_MAX = 20;
const TOLD_MS = 6_000;
const LOOK_AGAIN_MS = 60_000;

const known = { places: [], roles: new Map(), live: new Map(), answered: [] };
const shell = new Shell(showAnew);
const ctx = { ask: shell.ask, fail: shell.fail, act, isOperator: () => known.roles.get(place()?.organisation.id)?.includes("OPERATOR") ?? false };
const done = new Set(); // what was answered here: that it leaves the queue is no news
let cards = new Map();
let [live, asking, telling] = [null, 0, null];

const place = () => known.places.find(({ id }) => id === at("place").value) ?? null;

// ---- what is shown -------------------------------------------------------------------------

function cardOf(question) {
  if (!cards.has(question.id)) cards.set(question.id, new QuestionCard(question.id, ctx));
  const card = cards.get(question.id);
  card.show(question, place().timeZone, place().id);
  return card.element;
}

/** Puts the cards into a list; those that are there stay. */
function put(id, questions, none) {
  const list = at(id);
  const empty = list.querySelector(":scope > .note") ?? make("li", { class: "note" });
  empty.textContent = none;
  arrange(list, questions.length ? questions.map(cardOf) : [empty]);
}

const oldestFirst = (one, other) => one.askedAt.localeCompare(other.askedAt);

function show() {
  if (!place()) return;
  const queue = [...known.live.values()].sort(oldestFirst);
  const answered = known.answered.filter(({ id }) => !known.live.has(id));
  const shown = new Set([...queue, ...answered].map(({ id }) => id));
  for (const id of cards.keys()) if (!shown.has(id)) cards.delete(id);
  put("queue", queue, t("noQuestions"));
  put("answered", answered, t("noAnswered"));
  at("count").textContent = queue.length ? `(${queue.length})` : "";
}

function showAnew() {
  if (!known.places.length) return;
  cards = new Map();
  show();
}

function tell(key) {
  clearTimeout(telling);
  at("told").textContent = t(key);
  telling = setTimeout(() => (at("told").textContent = ""), TOLD_MS);
}

// ---- what is known -------------------------------------------------------------------------

/** Whether this is the newest answer to several such questions. */
async function readAnswered() {
  const asked = (asking += 1);
  const { place: found } = await shell.ask(q.ANSWERED, { id: place().id });
  if (asked !== asking) return false;
  known.answered = (found?.refinementQueue ?? []).reverse();
  show();
  return true;
}

async function onTold({ refinementQueue: told }) {
  if (told.code) return shell.fail(new Error(shell.wordsOf(told)));
  if (told.kind === "SNAPSHOT") known.live.clear();
  for (const each of told.requests) known.live.set(each.id, each);
  for (const id of told.goneIds) known.live.delete(id);
  show();
  const isTaken = (id) => !done.has(id) && !known.answered.some((each) => each.id === id);
  if ((await readAnswered()) && told.goneIds.some(isTaken)) tell("withdrawn");
}

function follow() {
  live?.close();
  live = new Live(shell.session.token, shell.showState);
  const { id } = place();
  live.subscribe(q.QUEUE_LIVE, () => ({ id }), (data) => onTold(data).catch(shell.fail), shell.fail);
}

/** Cars leave without a word to the queue of answers. */
function lookAgain() {
  if (document.visibilityState === "visible" && place()) readAnswered().catch(shell.fail);
}

// ---- what is done --------------------------------------------------------------------------

async function act(document, variables) {
  const isAnswer = document === q.ANSWER || document === q.FAIL;
  if (isAnswer) done.add(variables.id ?? variables.input.requestId);
  const answer = await shell.act(document, variables).catch(shell.fail);
  if (answer && isAnswer) tell("sent");
  await readAnswered().catch(shell.fail);
  return answer ?? null;
}

async function all() {
  for (let [after, page, found] = [null, 0, []]; page < PAGES_MAX; page += 1) {
    const { places } = await shell.ask(q.PLACES, { after });
    found.push(...places.nodes);
    if (!places.pageInfo.hasNextPage) return found;
    after = places.pageInfo.endCursor;
  }
  return [];
}

async function choose() {
  history.replaceState(null, "", `?${new URLSearchParams({ place: place().id })}`);
  known.live.clear();
  known.answered = [];
  showAnew();
  follow();
}

// ---- start ---------------------------------------------------------------------------------

async function start() {
  if (!(await shell.start())) return;
  shell.onRenewed = follow;
  const { viewer } = await shell.ask(q.VIEWER);
  known.roles = new Map(viewer.memberships.filter(({ roles }) => roles.some((each) => ATTENDING.includes(each))).map(({ organisation, roles }) => [organisation.id, roles]));
  known.places = known.roles.size ? (await all()).filter(({ organisation }) => organisation && known.roles.has(organisation.id)) : [];
  if (!known.places.length) return shell.showEmpty("nowherePlace");
  at("place").replaceChildren(...known.places.map(({ id, name }) => new Option(name, id)));
  const asked = new URLSearchParams(location.search).get("place");
  if (known.places.some(({ id }) => id === asked)) at("place").value = asked;
  at("place").addEventListener("change", () => choose().catch(shell.fail));
  at("view").hidden = false;
  setInterval(lookAgain, LOOK_AGAIN_MS);
  document.addEventListener("visibilitychange", lookAgain);
  await choose();
}

start().catch(shell.fail);
