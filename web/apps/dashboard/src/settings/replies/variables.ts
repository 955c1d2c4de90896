// The variables a saved reply can hold: the core's own, and those plugins fill.

import type { Desk } from "@deskbell/client";
import { useEffect, useState } from "react";
import { useDesk } from "../../desk/useDesk.ts";

export interface VariableHelp {
  name: string;
  description: string;
  /** The plugin that fills it; null for the core's own. */
  plugin: string | null;
}

/** Stands in until the server has answered. */
const OWN: readonly VariableHelp[] = [
  { name: "contact.name", description: "The visitor's name.", plugin: null },
  { name: "contact.email", description: "The visitor's e-mail address.", plugin: null },
  { name: "agent.name", description: "Your own name.", plugin: null },
  { name: "conversation.subject", description: "What the chat is about.", plugin: null },
  { name: "conversation.category", description: "The category the visitor chose.", plugin: null },
];

type Ask = (method: "GET", path: string, request: object) => Promise<unknown>;

async function load(desk: Desk): Promise<VariableHelp[]> {
  const ask = desk.ask.bind(desk) as unknown as Ask;
  const { items } = (await ask("GET", "/api/v1/variables", {})) as {
    items: { name?: string; description?: string; plugin_name?: string | null }[];
  };
  return items.map((it) => ({
    name: it.name ?? "",
    description: it.description ?? "",
    plugin: it.plugin_name ?? null,
  }));
}

export function useVariables(): readonly VariableHelp[] {
  const desk = useDesk();
  const [all, setAll] = useState(OWN);
  useEffect(() => {
    let wanted = true;
    load(desk).then(
      (found) => wanted && setAll(found),
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [desk]);
  return all;
}

/** The text with a variable put where the cursor is, and where it is afterwards. */
export function inserted(text: string, from: number, to: number, name: string): { text: string; at: number } {
  const variable = `{{${name}}}`;
  return { text: text.slice(0, from) + variable + text.slice(to), at: from + variable.length };
}
