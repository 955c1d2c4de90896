// What each plugin said that was asked about a chat.

import type { Consulted } from "@deskbell/client";
import { Chip, type Tone } from "../parts/Chip.tsx";
import { asSentence, briefly } from "../parts/words.ts";
import { SAID } from "./because.ts";

const TONES: Partial<Record<Consulted["outcome"], Tone>> = { assigned: "accent", failed: "danger" };

export function Said({ consulted }: { consulted: readonly Consulted[] }) {
  if (consulted.length === 0) return null;
  return (
    <ol aria-label="What plugins said" className="divide-y divide-line rounded-control border border-line bg-surface">
      {consulted.map((it) => (
        <li key={it.installation_id} className="grid gap-1 px-3 py-2">
          <p className="flex items-baseline gap-2">
            <span className="min-w-0 flex-1 font-medium wrap-anywhere">{it.plugin_name}</span>
            <span className="text-small text-muted tabular-nums" title="How long it took">
              {briefly(it.duration_us)}
            </span>
          </p>
          <p>
            <Chip tone={TONES[it.outcome] ?? "plain"}>{SAID[it.outcome]}</Chip>
          </p>
          {it.reason && (
            <p className="wrap-anywhere" dir="auto">
              “{it.reason}”
            </p>
          )}
          {it.failure && <p className="text-danger-text wrap-anywhere">{asSentence(it.failure.detail)}</p>}
        </li>
      ))}
    </ol>
  );
}
