// What other systems know of a contact: asked for when a chat is opened, when its
// contact turns out to be somebody else, and when one asks for it.

import type { Conversation, PluginCards } from "@deskbell/client";
import { sentence } from "@deskbell/client";
import { useCallback, useEffect, useRef, useState } from "react";
import { useDesk, useStore } from "../desk/useDesk.ts";

/** A skeleton only for those who wait longer. */
const PATIENCE_MS = 300;

export interface Cards {
  /** By plugin; null until the first answer. */
  items: readonly PluginCards[] | null;
  /** Why there is no answer, in words. */
  problem: string | null;
  /** It takes a while. */
  waiting: boolean;
  busy: boolean;
  /** What is known now, not what was a moment ago. */
  refresh(): void;
}

export function useCards({ id, contact }: Conversation): Cards {
  const desk = useDesk();
  const live = useStore(desk.link) === "live";
  const [items, setItems] = useState<readonly PluginCards[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [waiting, setWaiting] = useState(false);
  const [busy, setBusy] = useState(false);
  // An answer that was overtaken by a later question is not news.
  const asked = useRef(0);
  const load = useCallback(
    async (fresh: boolean) => {
      const mine = ++asked.current;
      const isNews = () => mine === asked.current;
      setBusy(true);
      const slow = setTimeout(() => isNews() && setWaiting(true), PATIENCE_MS);
      try {
        const found = await desk.ask("GET", "/api/v1/conversations/{id}/cards", {
          path: { id },
          query: fresh ? { fresh } : {},
        });
        if (!isNews()) return;
        setItems(found.items);
        setProblem(null);
      } catch (error) {
        if (isNews()) setProblem(sentence(error));
      } finally {
        clearTimeout(slow);
        if (isNews()) {
          setBusy(false);
          setWaiting(false);
        }
      }
    },
    [desk, id],
  );
  const { id: who, email, verified } = contact;
  // biome-ignore lint/correctness/useExhaustiveDependencies: somebody else has other cards.
  useEffect(() => {
    if (!live) return;
    void load(false);
    return () => {
      asked.current++;
    };
  }, [live, load, who, email, verified]);
  const refresh = useCallback(() => void load(true), [load]);
  return { items, problem, waiting, busy, refresh };
}
