// How its calls went, in numbers, by what it was asked for.

import { type PluginFigures, sentence } from "@deskbell/client";
import { useCallback, useEffect, useState } from "react";
import { useNow } from "../../desk/useDesk.ts";
import { Notice } from "../../parts/Notice.tsx";
import { briefly } from "../../parts/words.ts";
import { CARD, Part } from "../Heading.tsx";
import { usePluginRequests } from "./usePlugins.ts";
import { hookShort } from "./words.ts";

const EVERY_MS = 15_000;

/** Nothing before its first call. */
export function Figures({ installation }: { installation: string }) {
  const requests = usePluginRequests();
  const now = useNow(EVERY_MS);
  const [all, setAll] = useState<readonly PluginFigures[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const load = useCallback(
    () =>
      requests.figures(installation).then(
        (found) => {
          setAll(found.filter((it) => it.calls > 0));
          setProblem(null);
        },
        (error) => setProblem(sentence(error)),
      ),
    [requests, installation],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: they grow while one looks.
  useEffect(() => void load(), [load, now]);
  if (all.length === 0 && !problem) return null;
  return (
    <Part title="Figures" text="Since this server started.">
      {problem && (
        <Notice tone="warning">
          <p>The figures did not load. {problem}</p>
        </Notice>
      )}
      {all.map((it) => (
        <div key={it.hook} className={`${CARD} grid gap-3 p-4`}>
          <h3 className="font-medium">{hookShort(it.hook)}</h3>
          <dl className="grid grid-cols-2 gap-4 phone:grid-cols-4">
            <Figure name="Calls">{it.calls.toLocaleString()}</Figure>
            <Figure name="Failed">{failed(it)}</Figure>
            <Figure name="Half are faster than">{time(it.p50_ms)}</Figure>
            <Figure name="99 of 100 are faster than">{time(it.p99_ms)}</Figure>
          </dl>
        </div>
      ))}
    </Part>
  );
}

function Figure({ name, children }: { name: string; children: string }) {
  return (
    <div className="flex min-w-0 flex-col-reverse justify-end">
      <dt className="text-small text-muted">{name}</dt>
      <dd className="text-title font-semibold tabular-nums">{children}</dd>
    </div>
  );
}

function failed({ calls, outcomes }: PluginFigures): string {
  const count = calls - (outcomes.ok ?? 0);
  return count === 0 ? "0" : `${count.toLocaleString()} (${Math.max(1, Math.round((count / calls) * 100))} %)`;
}

const time = (ms: number | null | undefined) => (typeof ms === "number" ? briefly(ms * 1000) : "–");
