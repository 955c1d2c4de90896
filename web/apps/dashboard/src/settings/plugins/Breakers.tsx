// A plugin that failed too often is not asked for a while. Which work of it rests,
// since what, and until when.

import type { Installation } from "@deskbell/client";
import { clock } from "@deskbell/ui";
import { useEffect } from "react";
import { useNow } from "../../desk/useDesk.ts";
import { Notice } from "../../parts/Notice.tsx";
import { pausedWords, resting } from "./breaker.ts";

interface Props {
  installation: Installation;
  onReload(): Promise<void>;
}

export function Breakers({ installation, onReload }: Props) {
  const now = useNow(1_000);
  const all = resting(installation);
  // When a pause is over the state is another one, and no event tells of it.
  const next = all.map((it) => Date.parse(it.until ?? "")).filter((it) => it <= now).length;
  useEffect(() => {
    if (next > 0) void onReload();
  }, [next, onReload]);
  return all.map((it) => (
    <Notice key={it.hook} tone="warning">
      <p>{pausedWords(it, clock)}</p>
    </Notice>
  ));
}
