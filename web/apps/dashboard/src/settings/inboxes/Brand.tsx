// The brand colour, and whether people will be able to read it.

import { Button } from "../../parts/Button.tsx";
import { described, Field, INPUT } from "../../parts/Field.tsx";
import { legibility } from "./draft.ts";

interface Props {
  color: string;
  problem: string | undefined;
  onChange(color: string): void;
}

/** What the picker shows while there is none: it must show something. */
const NONE = "#2563eb";

export function Brand({ color, problem, onChange }: Props) {
  const seen = legibility(color);
  return (
    <Field id="brand" label="Brand colour" optional problem={problem}>
      <div className="flex gap-2">
        <input
          type="color"
          aria-label="Pick a colour"
          value={seen ? color : NONE}
          className="h-8 w-12 shrink-0 cursor-pointer rounded-control border border-control bg-surface p-1"
          onChange={(event) => onChange(event.target.value)}
        />
        <input
          {...described("brand", true, problem)}
          value={color}
          placeholder="Deskbell's own"
          spellCheck={false}
          autoComplete="off"
          className={`${INPUT} max-w-40 font-mono`}
          onChange={(event) => onChange(event.target.value.trim())}
        />
        {color !== "" && <Button onClick={() => onChange("")}>Clear</Button>}
      </div>
      <div id="brand-hint" aria-live="polite" className="text-small">
        {seen?.faint && (
          <p className="text-warning-text">
            Hard to make out on a white page: its contrast is under 4.5 : 1. A darker one is seen better.
          </p>
        )}
        {seen && (
          <p className="text-muted">
            Text on it is {seen.text}, {seen.ratio.toFixed(1)} : 1.
          </p>
        )}
      </div>
    </Field>
  );
}
