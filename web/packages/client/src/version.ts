// The one rule by which late and repeated news are recognised: a version.

import type { Changes } from "@deskbell/protocol";

interface Versioned {
  version: number;
}

export function newer(news: Versioned, known: Versioned | undefined): boolean {
  return !known || news.version > known.version;
}

/** The new values of an event's changes. */
export function changedFields(changes: Changes): Record<string, unknown> {
  return Object.fromEntries(Object.entries(changes).map(([name, [, value]]) => [name, value]));
}

/** `entity` with the fields it has replaced by newer ones, or itself. */
export function patched<Entity extends Versioned>(entity: Entity, fields: Record<string, unknown>): Entity {
  const version = fields.version;
  if (typeof version !== "number" || version <= entity.version) return entity;
  const own = Object.entries(fields).filter(([name]) => Object.hasOwn(entity, name));
  return { ...entity, ...Object.fromEntries(own) };
}
