// What is pure about showing a text: direction, offsets, snippets. Offsets from the server count code points;
// JavaScript strings count UTF-16 units, so nothing here slices a string by an offset directly.

const RTL = new Set(["ar", "arc", "ckb", "dv", "fa", "he", "ks", "ku", "nqo", "ps", "sd", "ug", "ur", "yi"]);
const SURROGATE = /[\ud800-\udfff]/;

/** "rtl", "ltr", or "auto" where the language is unknown: the text's own first letter then decides. */
export function direction(lang) {
  if (!lang) return "auto";
  const [base, ...rest] = lang.split("-");
  if (rest.includes("Latn")) return "ltr";
  return RTL.has(base.toLowerCase()) || rest.includes("Arab") || rest.includes("Hebr") ? "rtl" : "ltr";
}

/** The text as code points: `slice(start, end)` and `length` count as the server does. */
export function points(text) {
  if (!SURROGATE.test(text)) return { length: text.length, slice: (start, end) => text.slice(start, end) };
  const all = Array.from(text);
  return { length: all.length, slice: (start, end) => all.slice(start, end).join("") };
}

/** Whether this evidence stands in the title; every other field stands in the text. */
export const inTitle = (evidence) => evidence.field === "title";

/** Every hit of an article's tags, each with its topic. */
export function hits(article) {
  return article.topics.flatMap((tag) => tag.evidence.map((evidence) => ({ ...evidence, topic: tag.topic })));
}

/** Hits as ranges to mark, in order: hits that overlap become one range. Hits outside `length` are left out. */
export function ranges(found, length) {
  const sorted = found
    .filter((hit) => hit.start >= 0 && hit.start < hit.end && hit.end <= length)
    .sort((a, b) => a.start - b.start || b.end - a.end);
  const out = [];
  for (const hit of sorted) {
    const last = out.at(-1);
    if (last && hit.start < last.end) {
      last.end = Math.max(last.end, hit.end);
      last.hits.push(hit);
    } else {
      out.push({ start: hit.start, end: hit.end, hits: [hit] });
    }
  }
  return out;
}

/** The pieces of `from`..`to` of a text: plain strings, and marked ranges that lie wholly inside it. */
export function pieces(text, marked, from = 0, to = text.length) {
  const out = [];
  let at = from;
  for (const range of marked) {
    if (range.start < from || range.end > to) continue;
    if (range.start > at) out.push({ text: text.slice(at, range.start) });
    out.push({ text: text.slice(range.start, range.end), range });
    at = range.end;
  }
  if (at < to) out.push({ text: text.slice(at, to) });
  return out;
}

/** The strongest passages of a text: up to `most` windows around hits that count, none overlapping, in order of the text. */
export function snippets(text, found, most = 2, around = 70) {
  const marked = ranges(found.filter((hit) => !inTitle(hit) && !hit.negated_by), text.length);
  const weight = (range) => Math.max(...range.hits.map((hit) => hit.weight));
  const chosen = [];
  const seen = new Set();
  for (const range of [...marked].sort((a, b) => weight(b) - weight(a) || a.start - b.start)) {
    if (chosen.length === most) break;
    const term = text.slice(range.start, range.end);
    const near = chosen.some((window) => range.start < window.to + around && range.end > window.from - around);
    if (near || seen.has(term)) continue;
    seen.add(term);
    chosen.push(windowAround(text, range, around));
  }
  return chosen
    .sort((a, b) => a.from - b.from)
    .map((window) => ({
      pieces: pieces(text, marked, window.from, window.to),
      cutStart: window.from > window.lineStart,
      cutEnd: window.to < window.lineEnd,
    }));
}

function windowAround(text, range, around) {
  const reach = around * 3;
  const before = text.slice(Math.max(0, range.start - reach), range.start);
  const after = text.slice(range.end, Math.min(text.length, range.end + reach));
  const lineBefore = Array.from(before.slice(before.lastIndexOf("\n") + 1));
  const newline = after.indexOf("\n");
  const lineAfter = Array.from(newline < 0 ? after : after.slice(0, newline));
  return {
    from: range.start - keep(lineBefore.reverse(), around),
    to: range.end + keep(lineAfter, around),
    lineStart: range.start - lineBefore.length,
    lineEnd: range.end + lineAfter.length,
  };
}

/** How many of these code points to show: `around`, then back to the space before, so that no word is cut. */
function keep(line, around) {
  if (line.length <= around) return line.length;
  for (let n = around; n > around / 2; n -= 1) if (/\s/.test(line[n])) return n;
  return around;
}

/** The beginning of a text in one line, for an article without a headline. */
export function beginning(text, most = 140) {
  const line = text.slice(0, most * 4).replace(/\s+/g, " ").trim();
  const all = Array.from(line);
  if (all.length <= most) return line;
  return all.slice(0, keep(all, most)).join("") + "…";
}

/** The hue a topic keeps on every screen: spread by name, known ones told apart by hand. */
export function hue(topic) {
  const known = { trafficking: 8, visa_policy: 212, global_compact: 158 };
  if (topic in known) return known[topic];
  let sum = 7;
  for (const letter of topic) sum = (sum * 31 + letter.codePointAt(0)) % 3600;
  return sum % 360;
}

const names = new Map();

/** Learns how the server calls a topic. */
export function name(topic, called) {
  if (called && called !== topic) names.set(topic, called);
}

/** A topic's name for a person, else its id made readable: `visa_policy` is "visa policy". */
export const named = (topic) => names.get(topic) ?? topic.replaceAll("_", " ");

/** An address a link may have: http and https only; null for anything else. */
export function webAddress(url) {
  if (!url) return null;
  try {
    const parsed = new URL(url);
    return ["http:", "https:"].includes(parsed.protocol) ? parsed.href : null;
  } catch {
    return null;
  }
}
