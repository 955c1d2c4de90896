// What one call of the plugin may use, where that is less than Deskbell allows.

import { type Installation, type PluginLimits, Refused, sentence } from "@deskbell/client";
import { type FormEvent, useState } from "react";
import { Button } from "../../parts/Button.tsx";
import { described, Field, INPUT } from "../../parts/Field.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { CARD, Part } from "../Heading.tsx";
import { LIMITS } from "./limits.ts";
import { usePluginRequests } from "./usePlugins.ts";

type Name = keyof PluginLimits;
const NAMES = Object.keys(LIMITS) as Name[];

export function Limits({ installation }: { installation: Installation }) {
  const [open, setOpen] = useState(false);
  const { limits } = installation;
  const lowered = NAMES.filter((it) => typeof limits[it] === "number");
  return (
    <Part
      title="What a call may use"
      text={lowered.length === 0 ? "As much as Deskbell allows any plugin of its kind. You can lower that." : undefined}
      aside={
        !open && <Button onClick={() => setOpen(true)}>{lowered.length ? "Change limits" : "Lower limits"}</Button>
      }
    >
      {open ? (
        <Editor installation={installation} onDone={() => setOpen(false)} />
      ) : (
        lowered.length > 0 && (
          <dl className={`${CARD} grid grid-cols-[auto_1fr] gap-x-6 gap-y-1.5 p-4`}>
            {lowered.map((it) => {
              const [name, unit] = LIMITS[it];
              return (
                <div key={it} className="contents">
                  <dt className="text-muted">{name}</dt>
                  <dd className="tabular-nums">{`At most ${limits[it]} ${unit}`.trim()}</dd>
                </div>
              );
            })}
          </dl>
        )
      )}
    </Part>
  );
}

function Editor({ installation, onDone }: { installation: Installation; onDone(): void }) {
  const requests = usePluginRequests();
  const [draft, setDraft] = useState<Record<string, string>>(() =>
    Object.fromEntries(NAMES.map((it) => [it, String(installation.limits[it] ?? "")])),
  );
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const wrong = NAMES.filter((it) => !/^\d{0,9}$/.test((draft[it] ?? "").trim()));
    setProblems(Object.fromEntries(wrong.map((it) => [it, "A whole number, or nothing."])));
    if (wrong.length > 0) return;
    setBusy(true);
    setProblem(null);
    try {
      const given = NAMES.map((it) => [it, draft[it]?.trim() ? Number(draft[it]) : null]);
      await requests.change(installation, { limits: Object.fromEntries(given) as PluginLimits });
      onDone();
    } catch (error) {
      const errors = error instanceof Refused ? error.problem.errors : [];
      const named = errors.map((it) => [it.pointer.replace("/limits/", ""), it.detail] as const);
      setProblems(Object.fromEntries(named));
      const elsewhere = named.filter(([name]) => !NAMES.some((it) => it === name)).map(([, detail]) => detail);
      setProblem(errors.length === 0 ? sentence(error) : elsewhere.join(" ") || null);
    } finally {
      setBusy(false);
    }
  };
  return (
    <form noValidate onSubmit={save} className={CARD}>
      <div className="grid gap-4 p-4">
        {problem && (
          <Notice tone="danger">
            <p>Not saved. {problem}</p>
          </Notice>
        )}
        <div className="grid items-start gap-4 phone:grid-cols-3">
          {NAMES.map((it) => {
            const [name, unit] = LIMITS[it];
            const id = `limit-${it}`;
            return (
              <Field key={it} id={id} label={<Label name={name} unit={unit} />} problem={problems[it]}>
                <input
                  {...described(id, false, problems[it])}
                  inputMode="numeric"
                  autoComplete="off"
                  value={draft[it]}
                  className={`${INPUT} tabular-nums`}
                  onChange={(event) => setDraft({ ...draft, [it]: event.target.value })}
                />
              </Field>
            );
          })}
        </div>
        <p className="text-small text-muted">
          Leave a field empty for Deskbell's own limit. What you save is in force from the next call on.
        </p>
      </div>
      <footer className="flex justify-end gap-2 border-t border-line p-3">
        <Button disabled={busy} onClick={onDone}>
          Cancel
        </Button>
        <Button type="submit" kind="filled" disabled={busy}>
          {busy ? "Saving" : "Save limits"}
        </Button>
      </footer>
    </form>
  );
}

function Label({ name, unit }: { name: string; unit: string }) {
  return (
    <>
      {name}
      {unit && <span className="font-normal text-muted"> in {unit}</span>}
    </>
  );
}
