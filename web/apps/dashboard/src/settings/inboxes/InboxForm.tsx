// One inbox: its look with a picture of it, its script, its origins.

import { type Inbox, Refused, sentence } from "@deskbell/client";
import { cross, plus } from "@deskbell/ui/icons";
import { type FormEvent, useState } from "react";
import { useDesk, useDeskState } from "../../desk/useDesk.ts";
import { Button, IconButton } from "../../parts/Button.tsx";
import { described, Field, FieldProblem, INPUT, SELECT, TEXTAREA } from "../../parts/Field.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { CARD, Part } from "../Heading.tsx";
import { Bot } from "./Bot.tsx";
import { Brand } from "./Brand.tsx";
import { draftOf, type InboxDraft, patchOf, problemsOf } from "./draft.ts";
import { Picture } from "./Picture.tsx";
import { Snippet } from "./Snippet.tsx";

export function InboxForm({ inbox }: { inbox: Inbox }) {
  const desk = useDesk();
  const { teams } = useDeskState();
  const [base, setBase] = useState(inbox);
  const [draft, setDraft] = useState(() => draftOf(inbox));
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [outcome, setOutcome] = useState<{ tone: "success" | "danger"; text: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const dirty = JSON.stringify(draft) !== JSON.stringify(draftOf(base));
  const newer = inbox.version > base.version;
  if (newer && !dirty) {
    setBase(inbox);
    setDraft(draftOf(inbox));
  }

  const change = (part: Partial<InboxDraft>) => {
    setDraft((before) => ({ ...before, ...part }));
    setProblems({});
    setOutcome(null);
  };
  const save = async (event: FormEvent) => {
    event.preventDefault();
    const found = problemsOf(draft);
    setProblems(found);
    if (Object.keys(found).length > 0) return setOutcome({ tone: "danger", text: "Not saved. See the marked fields." });
    setBusy(true);
    try {
      const path = { id: base.id };
      const body = patchOf(draft);
      const now = await desk.ask("PATCH", "/api/v1/inboxes/{id}", { path, body, ifMatch: base.version });
      setBase(now);
      setDraft(draftOf(now));
      setOutcome({ tone: "success", text: "Saved. Pages show it the next time they load." });
    } catch (error) {
      const refused = error instanceof Refused ? error.problem : null;
      setProblems(Object.fromEntries((refused?.errors ?? []).map((it) => [it.pointer, it.detail])));
      const stale = refused?.status === 412;
      const why = stale ? "Somebody changed this inbox meanwhile. What you typed is still here." : sentence(error);
      setOutcome({ tone: "danger", text: `Not saved. ${why}` });
    } finally {
      setBusy(false);
    }
  };
  const discard = () => {
    setBase(inbox);
    setDraft(draftOf(inbox));
    setProblems({});
    setOutcome(null);
  };

  return (
    <>
      <form noValidate onSubmit={save} className={CARD}>
        <div className="grid gap-6 p-4 views:grid-cols-[1fr_17rem]">
          <div className="grid min-w-0 content-start gap-4">
            <div className="grid gap-4 phone:grid-cols-2">
              <Field id="inbox-name" label="Name" problem={problems["/name"]}>
                <input
                  {...described("inbox-name", false, problems["/name"])}
                  value={draft.name}
                  dir="auto"
                  maxLength={100}
                  className={INPUT}
                  onChange={(event) => change({ name: event.target.value })}
                />
              </Field>
              <Field id="inbox-team" label="Team" hint="Who is asked first." problem={problems["/default_team_id"]}>
                <select
                  {...described("inbox-team", true, problems["/default_team_id"])}
                  value={draft.team}
                  className={SELECT}
                  onChange={(event) => change({ team: event.target.value })}
                >
                  {Object.values(teams)
                    .sort((a, b) => a.name.localeCompare(b.name))
                    .map((it) => (
                      <option key={it.id} value={it.id}>
                        {it.name}
                      </option>
                    ))}
                </select>
              </Field>
            </div>
            <Bot chosen={draft.bot} problem={problems["/bot"]} onChange={(bot) => change({ bot })} />
            <Brand
              color={draft.color}
              problem={problems["/look/brand_color"]}
              onChange={(color) => change({ color })}
            />
            <fieldset className="grid gap-1">
              <legend className="float-left w-full font-medium">Position</legend>
              <div className="flex gap-4">
                {(["left", "right"] as const).map((side) => (
                  <label key={side} className="flex items-center gap-2">
                    <input
                      type="radio"
                      name="position"
                      className="accent-accent"
                      checked={draft.position === side}
                      onChange={() => change({ position: side })}
                    />
                    {side === "left" ? "Bottom left" : "Bottom right"}
                  </label>
                ))}
              </div>
            </fieldset>
            <Field id="inbox-title" label="Welcome title" optional problem={problems["/look/welcome_title"]}>
              <input
                {...described("inbox-title", false, problems["/look/welcome_title"])}
                value={draft.title}
                dir="auto"
                maxLength={200}
                className={INPUT}
                onChange={(event) => change({ title: event.target.value })}
              />
            </Field>
            <Field id="inbox-text" label="Welcome text" optional problem={problems["/look/welcome_text"]}>
              <textarea
                {...described("inbox-text", false, problems["/look/welcome_text"])}
                value={draft.text}
                dir="auto"
                rows={3}
                maxLength={4000}
                className={TEXTAREA}
                onChange={(event) => change({ text: event.target.value })}
              />
            </Field>
            <Origins origins={draft.origins} problems={problems} onChange={(origins) => change({ origins })} />
          </div>
          <Picture draft={draft} />
        </div>
        <div className="grid gap-3 border-t border-line p-3">
          {outcome && (
            <Notice tone={outcome.tone}>
              <p>{outcome.text}</p>
            </Notice>
          )}
          <footer className="flex flex-wrap justify-end gap-2">
            {dirty && (
              <Button disabled={busy} onClick={discard}>
                {newer ? "Show theirs" : "Discard changes"}
              </Button>
            )}
            <Button type="submit" kind="filled" disabled={busy || !dirty}>
              {busy ? "Saving" : "Save inbox"}
            </Button>
          </footer>
        </div>
      </form>
      <Part title="Put it on your site" text="Once into every page that should have it, before the end of the body.">
        <Snippet inboxKey={inbox.key} />
      </Part>
    </>
  );
}

interface OriginsProps {
  origins: readonly string[];
  problems: Readonly<Record<string, string>>;
  onChange(origins: readonly string[]): void;
}

function Origins({ origins, problems, onChange }: OriginsProps) {
  return (
    <fieldset className="grid gap-2">
      <legend className="float-left w-full font-medium">Allowed origins</legend>
      <p className="-mt-1 text-small text-muted">
        Sites whose pages may show this inbox, beside Deskbell's own. A page elsewhere is turned away.
      </p>
      {origins.map((each, at) => {
        const id = `origin-${at}`;
        const problem = problems[`/allowed_origins/${at}`];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line has no other name, and holds no state.
          <div key={at} className="grid gap-1">
            <div className="flex gap-2">
              <input
                {...described(id, false, problem)}
                type="url"
                aria-label={`Origin ${at + 1}`}
                value={each}
                placeholder="https://shop.example"
                className={INPUT}
                onChange={(event) => onChange(origins.map((it, other) => (other === at ? event.target.value : it)))}
              />
              <IconButton
                label={`Remove ${each || "the empty line"}`}
                path={cross}
                size={16}
                onClick={() => onChange(origins.filter((_, other) => other !== at))}
              />
            </div>
            <FieldProblem id={id} text={problem} />
          </div>
        );
      })}
      <Button icon={plus} className="justify-self-start" onClick={() => onChange([...origins, ""])}>
        Add origin
      </Button>
      <FieldProblem id="origins" text={problems["/allowed_origins"]} />
    </fieldset>
  );
}
