// The API viewer: reads openapi.json and lists it. No framework, no network but
// this server's, text nodes only.

const main = document.getElementById("main");
const find = document.getElementById("find");
// The answers that many routes give, by name.
let shared = {};

function element(name, attributes = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  node.append(...children);
  return node;
}

// Text with `code` in it.
function prose(text = "") {
  return text.split("`").map((part, i) => (i % 2 ? element("code", {}, part) : part));
}

const named = (ref) => ref.slice(ref.lastIndexOf("/") + 1);

function link(ref) {
  const name = named(ref);
  return element("a", { href: `#schema-${name}` }, name);
}

// A schema's type in a few words, with links to those that have a name.
function type(schema) {
  if (!schema) return ["anything"];
  if (schema.$ref) return [link(schema.$ref)];
  for (const [key, word] of [["oneOf", " or "], ["anyOf", " or "], ["allOf", " and "]]) {
    if (schema[key]) return schema[key].flatMap((part, i) => (i ? [word] : []).concat(type(part)));
  }
  if (schema.enum) return [schema.enum.map((value) => JSON.stringify(value)).join(", ")];
  if (schema.type === "array") return ["list of ", ...type(schema.items)];
  const words = [schema.type ?? "anything"].flat().join(" or ");
  const extra = schema.format ?? schema.pattern;
  return [extra ? `${words} (${extra})` : words];
}

function limits(schema) {
  const names = ["minimum", "maximum", "minLength", "maxLength", "default"];
  return names
    .filter((name) => schema?.[name] !== undefined)
    .map((name) => `${name} ${schema[name]}`)
    .join(", ");
}

function row(name, needed, schema, description) {
  const about = [description ?? schema?.description, limits(schema)].filter(Boolean).join(" ");
  return element(
    "tr",
    {},
    element("td", {}, element("code", {}, name), needed ? "" : element("span", { class: "quiet" }, " optional")),
    element("td", {}, ...type(schema), " ", element("span", { class: "quiet" }, ...prose(about))),
  );
}

function fields(schema) {
  if (!schema.properties) return element("p", {}, ...type(schema));
  const needed = new Set(schema.required ?? []);
  const rows = Object.entries(schema.properties).map(([name, part]) => row(name, needed.has(name), part));
  return element("table", {}, element("tbody", {}, ...rows));
}

function body(content) {
  const [kind, media] = Object.entries(content)[0];
  return element("p", {}, element("code", {}, kind), " ", ...type(media.schema));
}

function operation(path, method, op) {
  const needs = (op.security ?? []).flatMap((need) => Object.entries(need));
  const inside = element("div", { class: "inside" });
  if (op.description) inside.append(element("p", {}, ...prose(op.description)));
  const who = needs.map(([scheme, names]) => [scheme, ...names].join(": ")).join(", ");
  inside.append(element("h3", {}, "Who"), element("p", {}, who || "Anybody"));
  if (op.parameters?.length) {
    const rows = op.parameters.map((p) => row(`${p.name} (${p.in})`, p.required, p.schema, p.description));
    inside.append(element("h3", {}, "Parameters"), element("table", {}, element("tbody", {}, ...rows)));
  }
  if (op.requestBody) inside.append(element("h3", {}, "Body"), body(op.requestBody.content));
  inside.append(element("h3", {}, "Answers"));
  const answers = Object.entries(op.responses).map(([status, given]) => {
    const answer = given.$ref ? shared[named(given.$ref)] : given;
    const media = Object.values(answer.content ?? {})[0];
    const shape = media ? [" ", ...type(media.schema)] : [];
    return element(
      "tr",
      {},
      element("td", {}, element("code", {}, status), ...shape),
      element("td", {}, ...prose(answer.description)),
    );
  });
  inside.append(element("table", {}, element("tbody", {}, ...answers)));
  return element(
    "details",
    { id: op.operationId, "data-text": `${method} ${path} ${op.operationId} ${op.summary}`.toLowerCase() },
    element(
      "summary",
      {},
      element("code", {}, element("span", { class: `method ${method}` }, method.toUpperCase()), path),
      element("span", {}, ...prose(op.summary)),
    ),
    inside,
  );
}

function schema(name, part) {
  return element(
    "details",
    { id: `schema-${name}`, "data-text": `${name} ${part.description ?? ""}`.toLowerCase() },
    element("summary", {}, element("code", {}, name), element("span", {}, ...prose(part.description))),
    element("div", { class: "inside" }, fields(part)),
  );
}

function section(title, items) {
  return element("section", {}, element("h2", {}, title), ...items);
}

function show(api) {
  shared = api.components.responses ?? {};
  const about = api.info.description.split("\n\n").map((text) => element("p", {}, ...prose(text)));
  document.getElementById("about").replaceChildren(...about);
  const groups = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const [method, op] of Object.entries(item)) {
      const tag = op.tags?.[0] ?? "other";
      groups.set(tag, [...(groups.get(tag) ?? []), operation(path, method, op)]);
    }
  }
  const schemas = Object.entries(api.components.schemas).map(([name, part]) => schema(name, part));
  const sections = [...groups].map(([tag, items]) => section(tag, items));
  main.replaceChildren(...sections, section("Schemas", schemas));
}

function filter() {
  const wanted = find.value.trim().toLowerCase();
  for (const part of main.querySelectorAll("details")) {
    part.hidden = !part.dataset.text.includes(wanted);
  }
  for (const group of main.querySelectorAll("section")) {
    group.hidden = !group.querySelector("details:not([hidden])");
  }
}

// A link to a schema or an operation opens what it leads to.
function open() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.tagName === "DETAILS") {
    target.open = true;
    target.scrollIntoView();
  }
}

try {
  const answer = await fetch("/api/v1/openapi.json");
  if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
  show(await answer.json());
  find.addEventListener("input", filter);
  addEventListener("hashchange", open);
  open();
} catch (error) {
  main.replaceChildren(element("p", {}, `The description could not be read: ${error.message}.`));
}
