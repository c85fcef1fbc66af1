// The reading view: the article the address names after `#`, with its evidence.

import { h } from "./dom.js";
import { Fault, article as read } from "./live.js";
import { reading } from "./parts.js";

const $ = (id) => document.getElementById(id);
const WIDE = matchMedia("(min-width: 60rem)");

/** The id of the open article, or "". */
export function openId() {
  const id = decodeURIComponent(location.hash.slice(1));
  return id === "list" ? "" : id; // #list is where the skip link goes
}

/** Shows the article the address names, or a hint where it names none. */
export async function open() {
  const id = openId();
  const reader = $("reader");
  $("panes").classList.toggle("reading", Boolean(id));
  select();
  if (!id) return reader.replaceChildren(hint());
  if (reader.dataset.id !== id) reader.scrollTop = 0;
  reader.dataset.id = id;
  try {
    const article = await read(id);
    if (openId() === id) reader.replaceChildren(...reading(article, close).filter(Boolean));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    if (openId() === id) reader.replaceChildren(trouble(error));
  }
  return undefined;
}

function hint() {
  const key = (name) => h("kbd", {}, name);
  return h("p", { class: "hint" }, "Choose an article to read it with its evidence.", h("br"), key("j"), " ", key("k"), " move   ", key("/"), " searches   ", key("Esc"), " closes");
}

function trouble(error) {
  const text = error.status === 404 ? "There is no such article." : error.message;
  return h("div", { class: "hint" }, h("p", { role: "alert" }, text), h("button", { type: "button", on: { click: close } }, "Close"));
}

/** Back to the list, where the reader was. */
export function close() {
  const id = openId();
  history.pushState(null, "", location.pathname + location.search);
  open();
  document.querySelector(`.card[data-id="${CSS.escape(id)}"] a`)?.focus({ preventScroll: true });
}

/** Marks the card of the open article. */
export function select() {
  const id = openId();
  for (const element of $("list").children) {
    if (element.dataset.id === id) element.setAttribute("aria-current", "true");
    else element.removeAttribute("aria-current");
  }
}

/** The next (1) or previous (-1) article: reached in the list, and opened where both panes stand side by side. */
export function step(by) {
  const cards = [...$("list").children];
  const focused = cards.findIndex((element) => element.contains(document.activeElement));
  const at = focused >= 0 ? focused : cards.findIndex((element) => element.dataset.id === openId());
  const target = cards[Math.max(0, Math.min(cards.length - 1, at < 0 ? 0 : at + by))]?.querySelector("a");
  if (!target) return;
  target.focus();
  if (WIDE.matches) location.replace(target.href);
}
