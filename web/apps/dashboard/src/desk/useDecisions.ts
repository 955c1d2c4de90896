// Why a conversation went where it went: asked for when it is looked at, and again
// when it changes hands.

import type { RoutingDecision } from "@deskbell/client";
import { useEffect, useState } from "react";
import { useDesk, useDeskState } from "./useDesk.ts";

const NONE: readonly RoutingDecision[] = [];
const kept = new Map<string, readonly RoutingDecision[]>();

export function useDecisions(id: string): { decisions: readonly RoutingDecision[]; failed: boolean } {
  const desk = useDesk();
  const conversation = useDeskState().conversations[id];
  const [decisions, setDecisions] = useState(() => kept.get(id) ?? NONE);
  const [failed, setFailed] = useState(false);
  const hands = `${conversation?.assignee?.id} ${conversation?.status}`;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another pair of hands means another decision.
  useEffect(() => {
    let wanted = true;
    desk.decisions(id).then(
      (found) => {
        kept.set(id, found);
        if (wanted) setDecisions(found);
        if (wanted) setFailed(false);
      },
      () => wanted && setFailed(true),
    );
    return () => {
      wanted = false;
    };
  }, [desk, id, hands]);
  return { decisions, failed };
}
