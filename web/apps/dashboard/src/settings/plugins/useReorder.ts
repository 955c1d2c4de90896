// The order in which plugins are asked: positions are numbered anew, and only those
// that differ are written.

import { type Installation, sentence } from "@deskbell/client";
import { useState } from "react";
import { usePluginRequests } from "./usePlugins.ts";

/** Which positions to write so that `from` comes to stand at `to`. */
export function renumbered(all: readonly Installation[], from: number, to: number): [Installation, number][] {
  const order = [...all];
  const [moved] = order.splice(from, 1);
  if (!moved) return [];
  order.splice(to, 0, moved);
  return order.flatMap((it, at): [Installation, number][] => (it.position === at + 1 ? [] : [[it, at + 1]]));
}

export function useReorder() {
  const requests = usePluginRequests();
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const move = async (all: readonly Installation[], from: number, to: number) => {
    setProblem(null);
    setBusy(true);
    try {
      for (const [it, position] of renumbered(all, from, to)) await requests.change(it, { position });
    } catch (error) {
      setProblem(sentence(error));
    } finally {
      setBusy(false);
    }
  };
  return { problem, busy, move };
}
