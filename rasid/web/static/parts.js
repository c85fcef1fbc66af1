// The parts an article is shown with: chips, marked text, a card of the list, the reading view.

import { h, time } from "./dom.js";
import { Fault, story } from "./live.js";
import { beginning, direction, hits, hue, inTitle, named, pieces, points, ranges, snippets, webAddress } from "./text.js";

/** A topic with its score; the bar under it is the score, the notch the threshold. */
export function chip(tag, tagName = "span") {
  const subtopics = tag.subtopics?.length ? ` / ${tag.subtopics.map(named).join(", ")}` : "";
  return h(
    tagName,
    {
      class: "chip",
      vars: { "--hue": hue(tag.topic), "--score": tag.score, "--threshold": tag.threshold },
      title: `score ${tag.score.toFixed(3)}, threshold ${tag.threshold.toFixed(2)}, rules ${tag.rules_version}`,
    },
    h("span", {}, named(tag.topic) + subtopics),
    h("b", {}, tag.score.toFixed(2)),
  );
}

/** Text with its marked ranges as `<mark>`. */
function marked(all) {
  return all.map((piece) => (piece.range ? mark(piece) : piece.text));
}

function mark({ text, range }) {
  const counting = range.hits.find((hit) => !hit.negated_by) || range.hits[0];
  const why = range.hits.map((hit) => `${named(hit.topic)}: ${hit.term}${hit.negated_by ? `, not counted: ${hit.negated_by}` : ""}`);
  return h(
    "mark",
    {
      class: counting.negated_by ? "negated" : null,
      vars: { "--hue": hue(counting.topic) },
      title: [...new Set(why)].join("\n"),
      "data-topic": counting.topic,
      "data-field": counting.field,
      "data-start": range.start,
      "data-end": range.end,
    },
    text,
  );
}

function titleOf(article, found) {
  if (!article.title) return null;
  const title = points(article.title);
  return marked(pieces(title, ranges(found.filter(inTitle), title.length)));
}

const body = (article) => article.text ?? article.summary ?? "";

/** What the server says stands around a hit, where the full text is not given out. */
function contexts(found) {
  const told = found.filter((hit) => !inTitle(hit) && !hit.negated_by && hit.context.includes(hit.surface));
  return told.slice(0, 2).map((hit) => {
    const at = hit.context.indexOf(hit.surface);
    const parts = [hit.context.slice(0, at), hit.context.slice(at + hit.surface.length)];
    return [parts[0], mark({ text: hit.surface, range: { ...hit, hits: [hit] } }), parts[1]];
  });
}

function excerpts(article, found) {
  if (article.text === undefined) return contexts(found);
  return snippets(points(article.text), found).map((snippet) => [
    snippet.cutStart && "… ",
    marked(snippet.pieces),
    snippet.cutEnd && " …",
  ]);
}

/** An article in the list. The whole card opens it; the link is what the keyboard reaches. */
export function card(article) {
  const found = hits(article);
  const dir = direction(article.lang);
  const passages = excerpts(article, found);
  const title = titleOf(article, found);
  const lead = !passages.length && title && body(article) ? h("p", { class: "lead" }, beginning(body(article), 160)) : null;
  return h(
    "li",
    { class: "card", "data-id": article.id, "data-revision": article.revision },
    h(
      "div",
      { class: "meta" },
      article.topics.length ? article.topics.map((tag) => chip(tag)) : h("span", { class: "no-topic" }, "no topic"),
      h("span", { class: "where" }, h("bdi", { class: "source" }, article.source.name), language(article), when(article)),
    ),
    h(
      "div",
      { class: "words", dir, lang: article.lang },
      h("h2", {}, h("a", { href: `#${article.id}`, class: title ? null : "untitled" }, title || beginning(body(article)) || "(no text)")),
      passages.map((passage) => h("p", { class: "snippet" }, passage)),
      lead,
    ),
    speaksOf(article, MOST_NAMED),
    company(article),
  );
}

const MOST_REPORTS = 12;

/** The other reports of the article's story, fetched when opened. */
function company(article) {
  if (!(article.story?.articles > 1)) return null;
  const others = article.story.articles - 1;
  const list = h("ul", { class: "reports" });
  const details = h(
    "details",
    { class: "company", on: { toggle: () => details.open && !list.childElementCount && fill(list, article) } },
    h("summary", {}, `${others} other report${others === 1 ? "" : "s"} of this story`),
    list,
  );
  return details;
}

async function fill(list, article) {
  try {
    const { items } = await story(article.story.id);
    const others = items.filter((item) => item.article.id !== article.id).reverse();
    list.replaceChildren(...others.slice(0, MOST_REPORTS).map(report));
    if (others.length > MOST_REPORTS) list.append(h("li", { class: "facts" }, `and ${others.length - MOST_REPORTS} more`));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    list.replaceChildren(h("li", { role: "alert" }, error.message));
  }
}

const RELATIONS = { first: "first report", copy: "same text", report: "in other words" };

function report({ article, relation, new: news }) {
  const dir = direction(article.lang);
  return h(
    "li",
    {},
    h("a", { href: `#${article.id}`, dir, lang: article.lang }, article.title || beginning(body(article), 90)),
    h("span", { class: "where" }, h("bdi", { class: "source" }, article.source.name), RELATIONS[relation], when(article)),
    relation === "copy" && news.length ? h("p", { class: "news-in", dir, lang: article.lang }, h("b", {}, "new: "), news.map((passage) => passage.text).join(" … ")) : null,
  );
}

function language(article) {
  return article.lang ? h("abbr", { class: "lang", title: languageName(article.lang) }, article.lang) : null;
}

function when(article) {
  return article.published_at
    ? time(article.published_at, "published ")
    : h("span", { class: "unknown", title: "The article does not say when it was published" }, "seen ", time(article.fetched_at, "seen "));
}

const MOST_NAMED = 4; // countries and organisations on a card; the reading view has all

/** What an article speaks of, each leading to the articles that speak of it too. */
function speaksOf(article, most = Infinity) {
  const countries = (article.countries ?? []).slice(0, most).map(({ code, count }) => speakOf("country", code, countryName(code), count));
  const organisations = (article.organisations ?? []).slice(0, most).map(({ id, name, count }) => speakOf("organisation", id, most === Infinity ? name : abbreviated(id), count, name));
  const all = [...countries, ...organisations];
  return all.length ? h("span", { class: "named-list" }, all) : null;
}

function speakOf(field, value, text, count, title = text) {
  return h("a", { class: "named", href: `/?${field}=${encodeURIComponent(value)}`, title: `${title}, named ${count} time${count === 1 ? "" : "s"}: all articles that name it` }, h("bdi", {}, text));
}

const abbreviated = (id) => (id.length <= 6 ? id.toUpperCase() : id.replaceAll("-", " "));

const countryNames = new Intl.DisplayNames(["en"], { type: "region" });

export function countryName(code) {
  try {
    return countryNames.of(code);
  } catch {
    return code; // not a country's code: shown as it came
  }
}

const languageNames = new Intl.DisplayNames(["en"], { type: "language" });

export function languageName(code) {
  try {
    return languageNames.of(code);
  } catch {
    return code; // not a BCP 47 code: shown as it came
  }
}

/** An article in full: what it was tagged with and why, and its text with every hit marked. */
export function reading(article, close) {
  const found = hits(article);
  const dir = direction(article.lang);
  const url = webAddress(article.url);
  const title = titleOf(article, found);
  const facts = [
    h("bdi", { class: "source" }, article.source.name),
    article.lang && languageName(article.lang),
    article.published_at ? ["published ", time(article.published_at)] : "publication date unknown",
    ["seen ", time(article.fetched_at)],
    article.revision > 1 && `revision ${article.revision}`,
    article.authors?.length && h("bdi", {}, article.authors.join(", ")),
  ].filter(Boolean);
  return [
    h(
      "div",
      { class: "reader-bar" },
      h("button", { type: "button", class: "quiet close", on: { click: close } }, h("span", { "aria-hidden": true }, "✕ "), "Close"),
      url && h("a", { href: url, target: "_blank", rel: "noopener noreferrer", class: "quiet" }, `Open at ${new URL(url).hostname}`),
      h("a", { href: `/articles/${encodeURIComponent(article.id)}`, class: "quiet" }, "JSON"),
    ),
    title ? h("h1", { dir, lang: article.lang }, title) : h("h1", { class: "untitled" }, "Without a headline"),
    h("p", { class: "facts" }, facts.map((fact) => h("span", {}, fact))),
    speaksOf(article),
    company(article),
    article.topics.length ? h("div", { class: "tags" }, article.topics.map(reasons)) : h("p", { class: "facts" }, "No topic reached its threshold."),
    h("div", { class: "text", dir, lang: article.lang }, paragraphs(article, found)),
  ];
}

/** A tag and the terms behind it; each term leads to its first place in the text. */
function reasons(tag) {
  const terms = new Map();
  for (const hit of tag.evidence) {
    const key = `${hit.term}\n${hit.negated_by ?? ""}`;
    const known = terms.get(key) || { ...hit, times: 0, weight: 0 };
    known.times += 1;
    known.weight += hit.weight;
    terms.set(key, known);
  }
  return h(
    "section",
    { class: "tag", vars: { "--hue": hue(tag.topic) } },
    chip(tag, "h2"),
    h("ul", {}, [...terms.values()].map((hit) => h("li", {}, termButton(hit)))),
  );
}

function termButton(hit) {
  const weight = `${hit.weight > 0 ? "+" : ""}${Number(hit.weight.toFixed(2))}`;
  return h(
    "button",
    {
      type: "button",
      class: hit.negated_by ? "term negated" : "term",
      title: hit.negated_by ? `Not counted: ${hit.negated_by}` : `Term ${hit.term}, ${hit.times} times, weight ${weight} in all: show the first`,
      on: { click: () => reveal(hit) },
    },
    h("bdi", {}, hit.surface),
    hit.times > 1 && h("span", { class: "times" }, `×${hit.times}`),
    h("span", { class: "weight" }, hit.negated_by ? "not counted" : weight),
  );
}

function reveal(hit) {
  const field = inTitle(hit) ? "h1" : ".text";
  for (const element of document.querySelectorAll(`#reader ${field} mark`)) {
    if (Number(element.dataset.start) > hit.start || Number(element.dataset.end) < hit.end) continue;
    element.scrollIntoView({ block: "center", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
    element.classList.remove("shown");
    requestAnimationFrame(() => element.classList.add("shown"));
    return;
  }
}

function paragraphs(article, found) {
  if (article.text === undefined) return [h("p", {}, body(article)), h("p", { class: "facts" }, "This source's full text is not given out.")];
  const text = points(article.text);
  const out = [];
  let paragraph = [];
  for (const piece of pieces(text, ranges(found.filter((hit) => !inTitle(hit)), text.length))) {
    if (piece.range) {
      paragraph.push(mark(piece));
      continue;
    }
    const [first, ...rest] = piece.text.split("\n");
    paragraph.push(first);
    for (const line of rest) {
      out.push(paragraph);
      paragraph = [line];
    }
  }
  out.push(paragraph);
  return out.filter((parts) => parts.some((part) => part !== "")).map((parts) => h("p", {}, parts));
}
