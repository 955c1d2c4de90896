// How an installation is set up: its schema as a form, saved as one. Somebody else
// saving first is said so, and nothing typed is lost.

import { type Installation, Refused, sentence } from "@deskbell/client";
import { type FormEvent, useEffect, useState } from "react";
import { Button } from "../../parts/Button.tsx";
import { Notice } from "../../parts/Notice.tsx";
import type { Draft } from "../form/draft.ts";
import { Columns, Input, Members } from "../form/Form.tsx";
import type { Schema } from "../form/field.ts";
import { ROOT, useForm } from "../form/useForm.ts";
import { CARD, Part } from "../Heading.tsx";
import { usePluginRequests } from "./usePlugins.ts";

interface Props {
  installation: Installation;
  schema: Schema;
  onReload(): Promise<void>;
}

export function Configuration({ installation, schema, onReload }: Props) {
  if (Object.keys(schema).length === 0) {
    return (
      <Part title="How it is set up">
        <p className="text-muted">There is nothing to set up.</p>
      </Part>
    );
  }
  return <Editor installation={installation} schema={schema} onReload={onReload} />;
}

/** Typed and left: still there when one comes back, until the page is closed. */
const unsaved = new Map<string, Draft>();

type Outcome = { tone: "success" | "danger"; lines: readonly string[]; stale?: boolean };

function Editor({ installation, schema, onReload }: Props) {
  const requests = usePluginRequests();
  // What the typing began from. A newer one arriving meanwhile waits.
  const [base, setBase] = useState(installation);
  const [kept] = useState(() => unsaved.get(installation.id));
  const form = useForm(schema, base.config, { kept });
  const { dirty, draft } = form;
  useEffect(() => {
    if (dirty) unsaved.set(installation.id, draft);
    else unsaved.delete(installation.id);
  }, [dirty, draft, installation.id]);
  const [busy, setBusy] = useState(false);
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const newer = installation.version > base.version;
  if (newer && !form.dirty) {
    setBase(installation);
    form.reset(installation.config);
  }

  const save = async (over: Installation) => {
    setOutcome(null);
    const config = form.read();
    if (config === null) {
      return setOutcome({ tone: "danger", lines: ["Not saved. See the marked fields."] });
    }
    setBusy(true);
    try {
      const now = await requests.change(over, { config });
      setBase(now);
      form.reset(now.config);
      setOutcome({ tone: "success", lines: ["Saved. It is in force from the next chat on."] });
    } catch (error) {
      const refused = error instanceof Refused ? error : null;
      if (refused?.status === 412) {
        await onReload();
        const lines = ["Somebody changed this plugin meanwhile. What you typed is still here."];
        setOutcome({ tone: "danger", lines, stale: true });
      } else {
        const errors = refused?.problem.errors ?? [];
        const elsewhere = form.refuse(errors);
        const lines = errors.length > 0 ? ["See the marked fields.", ...elsewhere] : [sentence(error)];
        setOutcome({ tone: "danger", lines: ["Not saved.", ...lines] });
      }
    } finally {
      setBusy(false);
    }
  };
  const discard = () => {
    setBase(installation);
    form.reset(installation.config);
    setOutcome(null);
  };

  return (
    <Part title="How it is set up">
      <form
        noValidate
        className={CARD}
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          // A grant or a switch changed beside the configuration is no conflict.
          const same = JSON.stringify(installation.config) === JSON.stringify(base.config);
          void save(same ? installation : base);
        }}
      >
        <div className="grid gap-5 p-4">
          {form.field.kind === "group" ? (
            <Columns>
              <Members {...form} field={form.field} pointer={ROOT} onChange={form.change} />
            </Columns>
          ) : (
            <Input {...form} pointer={ROOT} onChange={form.change} />
          )}
          {form.field.kind === "group" && form.problems[ROOT] && (
            <Notice tone="danger">
              <p>{form.problems[ROOT]}</p>
            </Notice>
          )}
        </div>
        <div className="grid gap-3 border-t border-line p-3">
          {outcome && !(outcome.tone === "success" && form.dirty) && (
            <Notice tone={outcome.tone}>
              <p>{outcome.lines.join(" ")}</p>
            </Notice>
          )}
          {kept && !outcome && dirty && (
            <p className="text-muted">What you typed last time and did not save is still here.</p>
          )}
          <footer className="flex flex-wrap justify-end gap-2">
            {form.dirty && (
              <Button disabled={busy} onClick={discard}>
                {newer ? "Show theirs" : "Discard changes"}
              </Button>
            )}
            {outcome?.stale && newer ? (
              <Button kind="filled" disabled={busy} onClick={() => void save(installation)}>
                Save mine over it
              </Button>
            ) : (
              <Button type="submit" kind="filled" disabled={busy || !form.dirty}>
                {busy ? "Saving" : "Save configuration"}
              </Button>
            )}
          </footer>
        </div>
      </form>
    </Part>
  );
}
