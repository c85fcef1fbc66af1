// What the list is filtered by: the form, the address bar, and what there is to choose from.

import { h } from "./dom.js";
import { countryName, languageName } from "./parts.js";
import { hue, named } from "./text.js";

const NAMES = ["q", "topic", "lang", "min_score", "country", "organisation"];
const NAMED = ["country", "organisation"];
const TYPING = 300; // milliseconds of rest before a search is made
const $ = (id) => document.getElementById(id);
const known = { topics: new Set(), langs: new Set() };

/** The filters in force, by name of their parameter; "" is none. Replaced as a whole, never changed in place. */
export let filters = fromAddress();

export const any = () => NAMES.some((name) => filters[name]);

function fromAddress() {
  const said = new URLSearchParams(location.search);
  return Object.fromEntries(NAMES.map((name) => [name, said.get(name) || ""]));
}

function fromForm() {
  const topic = document.querySelector('#topics input[type="radio"]:checked');
  const { country, organisation } = filters; // chosen by a chip of an article, not in the form
  return { q: $("q").value.trim(), topic: topic?.value || "", lang: $("lang").value, min_score: $("min_score").value, country, organisation };
}

function toForm() {
  $("q").value = filters.q;
  remember("langs", filters.lang);
  remember("topics", filters.topic);
  drawLanguages();
  drawTopics();
  $("min_score").value = filters.min_score;
  told();
}

/** What else on the page depends on the filters: the way back, and the feed of the same articles. */
function told() {
  $("clear").hidden = !any();
  $("named").replaceChildren(...NAMED.filter((name) => filters[name]).map((name) => h("bdi", { class: "named" }, name === "country" ? countryName(filters.country) : filters[name])));
  $("feed").href = `/feeds.atom${query()}`;
}

function query() {
  const said = new URLSearchParams(Object.entries(filters).filter(([, value]) => value));
  return said.size ? `?${said}` : "";
}

function remember(kind, value) {
  if (!value || known[kind].has(value)) return false;
  known[kind].add(value);
  return true;
}

function drawLanguages() {
  const options = [...known.langs].sort().map((code) => h("option", { value: code }, `${languageName(code)} (${code})`));
  $("lang").replaceChildren(h("option", { value: "" }, "All languages"), ...options);
  $("lang").value = filters.lang;
}

function drawTopics() {
  const focused = document.activeElement?.closest?.("#topics") ? document.activeElement.value : null;
  const choice = (topic) =>
    h(
      "label",
      { class: "choice", vars: topic ? { "--hue": hue(topic) } : {} },
      h("input", { type: "radio", name: "topic", value: topic, checked: topic === filters.topic }),
      h("span", {}, topic ? named(topic) : "All topics"),
    );
  $("topics").replaceChildren(h("legend", { class: "hidden" }, "Topic"), ...["", ...[...known.topics].sort()].map(choice));
  if (focused !== null) document.querySelector(`#topics input[value="${CSS.escape(focused)}"]`)?.focus();
}

/** Learns topics to filter by. */
export function learnTopics(topics) {
  if (topics.map((topic) => remember("topics", topic)).some(Boolean)) drawTopics();
}

/** Learns topics and languages to filter by from articles that pass. */
export function learn(articles) {
  learnTopics(articles.flatMap((article) => article.topics.map((tag) => tag.topic)));
  if (articles.map((article) => remember("langs", article.lang)).some(Boolean)) drawLanguages();
}

/** No filter at all. */
export function clear(changed) {
  take(Object.fromEntries(NAMES.map((name) => [name, ""])), changed);
  toForm();
}

function take(said, changed) {
  filters = said;
  history.replaceState(null, "", location.pathname + query() + location.hash);
  told();
  changed();
}

/** Puts the filters into the form and calls `changed` whenever the reader chooses others. */
export function listen(changed) {
  let typing;
  $("filters").addEventListener("submit", (event) => event.preventDefault());
  $("filters").addEventListener("change", () => {
    clearTimeout(typing);
    take(fromForm(), changed);
  });
  $("q").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(() => fromForm().q !== filters.q && take(fromForm(), changed), TYPING);
  });
  $("clear").addEventListener("click", () => clear(changed));
  addEventListener("popstate", () => {
    const said = fromAddress();
    if (NAMES.every((name) => said[name] === filters[name])) return;
    filters = said;
    toForm();
    changed();
  });
  toForm();
}

/** Says below the form what is wrong with a search; "" takes it away. */
export function fault(text) {
  $("q-fault").hidden = !text;
  $("q-fault").textContent = text;
  $("q").setAttribute("aria-invalid", text ? "true" : "false");
}
