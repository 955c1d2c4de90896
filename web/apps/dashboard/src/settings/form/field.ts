// A JSON Schema as the fields of a form: pure. What a form cannot show (choices
// between shapes, maps, remote parts) becomes a field of plain JSON text, so that
// every schema can be filled in.

export type Schema = Readonly<Record<string, unknown>>;

interface Described {
  title: string;
  hint: string | null;
  required: boolean;
  /** What stands for a value that is left out. */
  fallback: unknown;
}

export type Field = Described &
  (
    | TextField
    | { kind: "choice"; options: readonly { value: unknown; label: string }[] }
    | NumberField
    | { kind: "flag" }
    | { kind: "list"; item: Field; least: number; most: number }
    | GroupField
    | { kind: "json" }
  );

interface TextField {
  kind: "text";
  format: string | null;
  lines: boolean;
  /** Takes a row of its own. */
  wide: boolean;
  secret: boolean;
  least: number;
  most: number | null;
  pattern: string | null;
}

export interface NumberField {
  kind: "number";
  whole: boolean;
  min: number | null;
  max: number | null;
}

export interface GroupField {
  kind: "group";
  fields: readonly (readonly [name: string, field: Field])[];
}

const TOO_DEEP = 8;
/** From here on a text is written over several lines. */
const LONG = 500;
/** A line of so many characters takes a row of its own. */
const WIDE = 200;
const BEYOND_A_FORM = ["oneOf", "anyOf", "allOf", "not", "if", "patternProperties", "dependentSchemas", "const"];

export function fieldOf(schema: Schema, name = "", required = true, root = schema, depth = 0): Field {
  const it = resolved(schema, root);
  const described: Described = {
    title: text(it.title) ?? words(name),
    hint: text(it.description),
    required,
    fallback: it.default,
  };
  return { ...described, ...shape(it, root, depth) };
}

type Shape = Field extends infer Each ? (Each extends Field ? Omit<Each, keyof Described> : never) : never;

function shape(it: Schema, root: Schema, depth: number): Shape {
  if (depth > TOO_DEEP || BEYOND_A_FORM.some((word) => word in it)) return { kind: "json" };
  if (Array.isArray(it.enum)) {
    const simple = it.enum.every((value) => ["string", "number", "boolean"].includes(typeof value));
    if (!simple) return { kind: "json" };
    return { kind: "choice", options: it.enum.map((value) => ({ value, label: String(value) })) };
  }
  switch (it.type) {
    case "string": {
      const format = text(it.format);
      const most = number(it.maxLength);
      return {
        kind: "text",
        format,
        lines: format === "multiline" || it.multiline === true || (most !== null && most > LONG && format === null),
        wide: format === "uri" || (most !== null && most > WIDE),
        secret: format === "password" || it.secret === true,
        least: number(it.minLength) ?? 0,
        most,
        pattern: text(it.pattern),
      };
    }
    case "integer":
    case "number":
      return { kind: "number", whole: it.type === "integer", min: number(it.minimum), max: number(it.maximum) };
    case "boolean":
      return { kind: "flag" };
    case "array": {
      if (!isSchema(it.items)) return { kind: "json" };
      const item = fieldOf(it.items, "item", true, root, depth + 1);
      // Lists of lists would be a puzzle.
      if (item.kind === "list" || item.kind === "json") return { kind: "json" };
      return { kind: "list", item, least: number(it.minItems) ?? 0, most: number(it.maxItems) ?? Infinity };
    }
    case "object": {
      if (!isSchema(it.properties) || isSchema(it.additionalProperties)) return { kind: "json" };
      const must = Array.isArray(it.required) ? it.required : [];
      const fields = ordered(Object.keys(it.properties), must).map((name) => {
        const schema = (it.properties as Schema)[name];
        const field: Field = isSchema(schema)
          ? fieldOf(schema, name, must.includes(name), root, depth + 1)
          : { title: words(name), hint: null, required: must.includes(name), fallback: undefined, kind: "json" };
        return [name, field] as const;
      });
      return { kind: "group", fields: [...fields.filter(comesFirst), ...fields.filter((each) => !comesFirst(each))] };
    }
    default:
      return { kind: "json" };
  }
}

/** Short answers before lists and groups, unless those must be there. */
function comesFirst([, { required, kind }]: readonly [string, Field]): boolean {
  return required || !["list", "group", "json"].includes(kind);
}

/** What must be there comes first, in the author's order: objects lose theirs on the way. */
function ordered(names: readonly string[], must: readonly unknown[]): string[] {
  const first = must.filter((name): name is string => typeof name === "string" && names.includes(name));
  return [...new Set([...first, ...names])];
}

/** References inside the document are followed; others never. */
function resolved(schema: Schema, root: Schema): Schema {
  let it = schema;
  for (let hops = 0; typeof it.$ref === "string" && hops < TOO_DEEP; hops++) {
    if (!it.$ref.startsWith("#/")) return {};
    const found = it.$ref
      .slice(2)
      .split("/")
      .reduce<unknown>((at, key) => (isSchema(at) ? at[key.replace(/~1/g, "/").replace(/~0/g, "~")] : undefined), root);
    if (!isSchema(found)) return {};
    const { $ref: _, ...beside } = it;
    it = { ...found, ...beside };
  }
  return it;
}

/** "order_id" → "Order id". */
function words(name: string): string {
  const plain = name
    .replace(/[_-]+/g, " ")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .trim();
  return plain.charAt(0).toLocaleUpperCase() + plain.slice(1);
}

const text = (value: unknown) => (typeof value === "string" && value !== "" ? value : null);
const number = (value: unknown) => (typeof value === "number" ? value : null);
const isSchema = (value: unknown): value is Schema =>
  typeof value === "object" && value !== null && !Array.isArray(value);
