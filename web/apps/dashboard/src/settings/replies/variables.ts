// The variables a saved reply can hold: the core's own, and those plugins fill.

import type { Variable } from "@deskbell/client";
import { useEffect, useState } from "react";
import { useDesk } from "../../desk/useDesk.ts";

/** Stands in until the server has answered. */
const OWN: readonly Variable[] = [
  { name: "contact.name", description: "The visitor's name.", plugin_name: null, installation_id: null },
  { name: "contact.email", description: "The visitor's e-mail address.", plugin_name: null, installation_id: null },
  { name: "agent.name", description: "Your own name.", plugin_name: null, installation_id: null },
  { name: "conversation.subject", description: "What the chat is about.", plugin_name: null, installation_id: null },
  {
    name: "conversation.category",
    description: "The category the visitor chose.",
    plugin_name: null,
    installation_id: null,
  },
];

export function useVariables(): readonly Variable[] {
  const desk = useDesk();
  const [all, setAll] = useState(OWN);
  useEffect(() => {
    let wanted = true;
    desk.ask("GET", "/api/v1/variables", {}).then(
      ({ items }) => wanted && setAll(items),
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
