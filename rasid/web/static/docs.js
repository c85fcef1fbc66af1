// The API as /openapi.json describes it: operations by tag, with parameters, body and answers. Nothing from elsewhere.

import { h } from "./dom.js";

const METHODS = { get: 212, post: 150, put: 40, patch: 40, delete: 8 };
const DEEPEST = 6;

let components = {};

const slug = (method, path) => `${method}-${path.replace(/[^\w]+/g, "-").replace(/^-|-$/g, "")}`;

function resolved(schema) {
  return schema?.$ref ? (components[schema.$ref.split("/").at(-1)] ?? {}) : (schema ?? {});
}

const nameOf = (schema) => schema?.$ref?.split("/").at(-1);

/** A schema's type in a few words: `string (date-time) or null`. */
function typeOf(schema) {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  const several = schema.oneOf || schema.anyOf;
  if (several) return [...new Set(several.map(typeOf))].join(" or ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const type = [].concat(schema.type ?? "any").join(" or ");
  if (type === "array") return `list of ${typeOf(schema.items) || "any"}`;
  return schema.format ? `${type} (${schema.format})` : type;
}

/** The schemas with fields inside this one: itself, its items, its alternatives. */
function parts(schema) {
  if (!schema) return [];
  const own = resolved(schema);
  if (own.properties) return [schema];
  return [own.items, ...(own.oneOf ?? []), ...(own.anyOf ?? []), ...(own.allOf ?? [])].filter(Boolean).flatMap(parts);
}

function fields(schema, above = []) {
  const own = resolved(schema);
  const name = nameOf(schema);
  if (!own.properties || above.length > DEEPEST || (name && above.includes(name))) return null;
  const required = new Set(own.required ?? []);
  return h("ul", { class: "fields" }, Object.entries(own.properties).map(([key, value]) => field(key, value, required.has(key), [...above, name])));
}

function field(key, schema, required, above) {
  const head = [
    h("code", {}, key),
    " ",
    h("span", { class: "type" }, typeOf(schema)),
    required && h("span", { class: "required" }, "always"),
    schema.description && h("span", { class: "summary" }, ` ${schema.description}`),
  ];
  const inner = parts(schema).map((part) => fields(part, above)).filter(Boolean);
  return h("li", {}, inner.length ? h("details", {}, h("summary", {}, head), inner) : head);
}

function parameters(list) {
  if (!list?.length) return null;
  const row = (parameter) =>
    h(
      "tr",
      {},
      h("th", { scope: "row" }, parameter.name, parameter.required && h("span", { class: "required" }, "required")),
      h("td", {}, h("span", { class: "type" }, `${parameter.in}, ${typeOf(parameter.schema)}`)),
      h("td", {}, parameter.description ?? parameter.schema?.description ?? ""),
    );
  return [h("h3", {}, "Parameters"), h("table", {}, h("tbody", {}, list.map(row)))];
}

function content(media) {
  return Object.entries(media ?? {}).map(([type, { schema }]) => [
    h("p", {}, h("span", { class: "type" }, `${type}: ${typeOf(schema)}`)),
    parts(schema).map((part) => fields(part)),
  ]);
}

function answers(responses) {
  return [
    h("h3", {}, "Answers"),
    Object.entries(responses ?? {}).map(([status, answer]) => [h("p", {}, h("b", {}, status), ` ${answer.description ?? ""}`), content(answer.content)]),
  ];
}

function operation(path, method, described) {
  return h(
    "details",
    { class: "operation", id: slug(method, path) },
    h("summary", {}, h("span", { class: "method", vars: { "--hue": METHODS[method] } }, method), h("span", { class: "path" }, path), h("span", { class: "summary" }, described.summary ?? "")),
    h(
      "div",
      {},
      described.description && h("p", {}, described.description),
      method === "get" && !path.includes("{") && h("p", {}, h("a", { href: path }, `Open ${path}`)),
      parameters(described.parameters),
      described.requestBody && [h("h3", {}, "Body"), content(described.requestBody.content)],
      answers(described.responses),
    ),
  );
}

function show(api) {
  components = api.components?.schemas ?? {};
  const groups = new Map();
  for (const [path, item] of Object.entries(api.paths ?? {})) {
    for (const method of Object.keys(METHODS).filter((name) => item[name])) {
      const described = { ...item[method], parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])] };
      const tag = described.tags?.[0] ?? "other";
      groups.set(tag, [...(groups.get(tag) ?? []), { path, method, described }]);
    }
  }
  const main = document.getElementById("operations");
  const contents = document.getElementById("contents");
  main.replaceChildren(h("h1", {}, `${api.info.title} ${api.info.version}`), h("p", { class: "summary" }, api.info.description ?? ""));
  for (const [tag, all] of [...groups].sort(([a], [b]) => a.localeCompare(b))) {
    contents.append(h("h2", {}, tag), ...all.map(({ path, method }) => h("a", { href: `#${slug(method, path)}` }, h("span", { class: "method", vars: { "--hue": METHODS[method] } }, method), path)));
    main.append(h("h2", {}, tag), ...all.map(({ path, method, described }) => operation(path, method, described)));
  }
  openNamed();
}

function openNamed() {
  const target = location.hash && document.getElementById(location.hash.slice(1));
  if (!(target instanceof HTMLDetailsElement)) return;
  target.open = true;
  target.scrollIntoView();
}

addEventListener("hashchange", openNamed);
try {
  const answer = await fetch("/openapi.json");
  if (!answer.ok) throw new TypeError(`The server answered ${answer.status}.`);
  show(await answer.json());
} catch (error) {
  if (!(error instanceof TypeError)) throw error; // what fetch throws where nothing answers
  document.getElementById("operations").replaceChildren(h("p", { class: "state", role: "alert" }, `The description could not be read. ${error.message}`));
}
