// The live list: what is shown follows the address bar (filters in the query, the open article after #), new articles come
// by the stream, and nothing moves under a reader who is in the middle of something.

import { announce, h, refreshTimes } from "./dom.js";
import * as choice from "./filters.js";
import { Fault, Stream, page, topics } from "./live.js";
import { card } from "./parts.js";
import * as reader from "./reader.js";
import { name } from "./text.js";

const $ = (id) => document.getElementById(id);
const AT_TOP = 24; // pixels: closer to the top than this, a reader is reading the newest
const MOST_SHOWN = 500;
const AGAIN = 5_000; // milliseconds after which a list that could not be read is asked for again
const CONNECTION = { connecting: "connecting", live: "live", waiting: "connection lost, trying again" };

const shown = new Map(); // id -> article, of the cards in the list
let waiting = new Map(); // id -> article, come but not shown: "n new"
let next = null; // cursor of the next older part
let retry = 0; // the timer of the next attempt after a failed one
let asked = 0; // the latest question; a late answer to an earlier one is dropped

const stream = new Stream({ onArticle: arrive, onState: connection, onOpen: catchUp });

/** The list from the start, by the filters in force. */
async function show() {
  const question = ++asked;
  clearTimeout(retry);
  stream.close();
  choice.fault("");
  $("list").setAttribute("aria-busy", "true");
  try {
    const found = await page(choice.filters);
    if (question !== asked) return;
    fill(found);
    stream.open(choice.filters);
    announce(`${found.items.length}${found.next ? " or more" : ""} articles`);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (question === asked) failed(error);
  } finally {
    if (question === asked) $("list").removeAttribute("aria-busy");
  }
}

function fill(found) {
  shown.clear();
  waiting = new Map();
  choice.learn(found.items);
  for (const article of found.items) shown.set(article.id, article);
  $("list").replaceChildren(...found.items.map(card));
  more(found.next);
  drawNews();
  drawState();
  reader.select();
}

function more(cursor) {
  next = cursor;
  $("older").hidden = !cursor;
  $("older").textContent = "Show older";
}

async function older() {
  const question = asked;
  $("older").disabled = true;
  try {
    const found = await page(choice.filters, next);
    if (question !== asked) return;
    choice.learn(found.items);
    const fresh = found.items.filter((article) => !shown.has(article.id));
    for (const article of fresh) shown.set(article.id, article);
    $("list").append(...fresh.map(card));
    more(found.next);
    announce(`${fresh.length} older articles`);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    announce(error.message);
    $("older").textContent = `${error.message} Try again`;
  } finally {
    $("older").disabled = false;
  }
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** An article from the stream: a known one is renewed where it stands, a new one waits unless the reader is at the top. */
function arrive(article) {
  choice.learn([article]);
  if (!shown.has(article.id)) {
    waiting.set(article.id, article);
    return atRest() ? showNews() : drawNews();
  }
  if (same(shown.get(article.id), article)) return undefined;
  shown.set(article.id, article);
  const old = document.querySelector(`.card[data-id="${CSS.escape(article.id)}"]`);
  const hadFocus = old.contains(document.activeElement);
  const renewed = card(article);
  renewed.classList.add("renewed");
  old.replaceWith(renewed);
  if (hadFocus) renewed.querySelector("a").focus({ preventScroll: true });
  if (reader.openId() === article.id) reader.open();
  return reader.select();
}

function atRest() {
  const scrolled = Math.max(document.scrollingElement.scrollTop, $("list").parentElement.scrollTop);
  return scrolled < AT_TOP && !$("list").contains(document.activeElement);
}

function showNews() {
  const fresh = [...waiting.values()].reverse();
  waiting = new Map();
  for (const article of fresh) shown.set(article.id, article);
  const cards = fresh.map(card);
  for (const element of cards) element.classList.add("fresh");
  $("list").prepend(...cards);
  const tooMany = [...$("list").children].slice(MOST_SHOWN);
  for (const element of tooMany) {
    shown.delete(element.dataset.id);
    element.remove();
  }
  if (tooMany.length) more(null); // the cursor no longer meets the end of the list; a reload does
  if (fresh.length) announce(`${fresh.length} new`);
  drawNews();
  drawState();
  reader.select();
}

function drawNews() {
  $("news").hidden = waiting.size === 0;
  $("news").textContent = `${waiting.size} new article${waiting.size === 1 ? "" : "s"}`;
  document.title = waiting.size ? `(${waiting.size}) rasid` : "rasid";
}

/** The stream begins where it was opened, the list where it was read: what came between is in the first part, read again. */
async function catchUp() {
  const question = asked;
  try {
    const found = await page(choice.filters);
    if (question !== asked) return;
    const met = found.items.some((article) => shown.has(article.id) || waiting.has(article.id));
    if (shown.size && found.items.length && !met) fill(found); // more was missed than one part holds
    else found.items.reverse().forEach(arrive);
  } catch (error) {
    if (!(error instanceof Fault)) throw error; // the stream will tell that the connection is gone
  }
}

function connection(state) {
  $("connection").dataset.state = state;
  if ($("connection").lastElementChild.textContent !== CONNECTION[state]) $("connection").lastElementChild.textContent = CONNECTION[state];
}

function drawState() {
  const state = $("state");
  state.hidden = shown.size > 0;
  if (shown.size) return;
  if (choice.any()) {
    const text = "The list goes on watching: what comes in and matches appears here.";
    state.replaceChildren(h("h2", {}, "No article matches"), h("p", {}, text), button("Show all articles", () => choice.clear(show)));
    return;
  }
  const to = (what, command) => [h("dt", {}, what), h("dd", {}, h("code", {}, command))];
  state.replaceChildren(
    h("h2", {}, "Nothing here yet"),
    h("p", {}, "Articles appear here by themselves as they come in. To begin, give rasid something to read:"),
    h("dl", {}, to("a feed to watch", "rasid sources add https://…/rss.xml"), to("texts you have", "rasid ingest tests/fixtures/seeds")),
  );
}

function failed(error) {
  if (error.status === 400 && choice.filters.q) return choice.fault(error.message);
  retry = setTimeout(show, AGAIN);
  shown.clear();
  $("list").replaceChildren();
  more(null);
  connection("waiting");
  $("state").hidden = false;
  $("state").replaceChildren(h("h2", {}, "The list could not be read"), h("p", { role: "alert" }, error.message), button("Try again now", show));
  return undefined;
}

function button(text, action) {
  return h("button", { type: "button", on: { click: () => action() } }, text);
}

function keys(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && reader.openId()) reader.close();
  else if (event.target.closest("input, select, textarea")) return;
  else if (event.key === "j" || event.key === "k") reader.step(event.key === "j" ? 1 : -1);
  else if (event.key === "n" && waiting.size) $("news").click();
  else if (event.key === "/") {
    event.preventDefault();
    $("q").focus();
  }
}

function listen() {
  choice.listen(show);
  $("older").addEventListener("click", older);
  $("news").addEventListener("click", () => {
    showNews();
    $("list").parentElement.scrollTo({ top: 0 });
    scrollTo({ top: 0 });
    $("list").querySelector("a")?.focus({ preventScroll: true });
  });
  $("list").addEventListener("click", (event) => {
    const element = event.target.closest(".card");
    if (element && !event.target.closest("a, details") && !String(getSelection())) element.querySelector("a").click();
  });
  addEventListener("hashchange", reader.open);
  addEventListener("popstate", reader.open);
  addEventListener("keydown", keys);
  setInterval(refreshTimes, 30_000);
}

const known = await topics();
for (const topic of known) name(topic.topic, topic.name);
choice.learnTopics(known.map((topic) => topic.topic));
listen();
reader.open();
show();
