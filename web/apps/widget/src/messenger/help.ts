// What the page says of what the visitor will ask, from either of its two ways
// (a call, a button's attributes), cut to what the server takes.

import type { Help } from "../port.ts";

export interface About {
  /** What the visitor is shown. */
  label: string;
  attributes: Record<string, string | number | boolean>;
  category: string | null;
  categories: string[];
  subject: string | null;
}

const NAME = /^[A-Za-z0-9_.-]{1,64}$/;
/** `data-deskbell-…` that are no attributes of the conversation. */
const OWN = new Set(["help", "category", "categories", "subject", "label"]);
const MOST = 50;

/** Null when there is nothing to tell. */
export function about(help: Help): About | null {
  const data = fromData(help.data ?? {});
  const all = { ...data.attributes, ...help.attributes, ...(help.order_id ? { order_id: help.order_id } : {}) };
  const attributes: About["attributes"] = {};
  for (const [name, value] of Object.entries(all).slice(0, MOST)) {
    if (!NAME.test(name) || !["string", "number", "boolean"].includes(typeof value)) continue;
    attributes[name] = typeof value === "string" ? value.slice(0, 1000) : value;
  }
  const subject = text(help.subject ?? data.subject, 200);
  const category = text(help.category ?? data.category, 64);
  const categories = (help.categories ?? data.categories?.split("|") ?? [])
    .map((each) => text(each, 64))
    .filter((each) => each !== null);
  const order = attributes.order_id;
  const label = text(help.label ?? data.label, 100) ?? subject ?? (order ? `Order ${order}` : category);
  if (!label && categories.length === 0 && Object.keys(attributes).length === 0) return null;
  return { label: label ?? "About this page", attributes, category, categories, subject };
}

interface Data {
  attributes: Record<string, string>;
  [own: string]: string | undefined | Record<string, string>;
  category?: string;
  categories?: string;
  subject?: string;
  label?: string;
}

/** `deskbellOrderId` is the attribute `order_id`. */
function fromData(data: NonNullable<Help["data"]>): Data {
  const found: Data = { attributes: {} };
  for (const [key, value] of Object.entries(data)) {
    if (!key.startsWith("deskbell") || !value) continue;
    const name = key.slice(8).replace(/[A-Z]/g, (letter, at) => (at ? "_" : "") + letter.toLowerCase());
    if (OWN.has(name)) found[name] = value;
    else found.attributes[name] = value;
  }
  return found;
}

function text(value: unknown, most: number): string | null {
  const it = typeof value === "string" ? value.trim() : "";
  return it ? [...it].slice(0, most).join("") : null;
}
