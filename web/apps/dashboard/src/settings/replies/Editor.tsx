// Writing a saved reply, with the variables it may hold at hand.

import { type CannedResponse, Refused, sentence } from "@deskbell/client";
import { type FormEvent, useRef, useState } from "react";
import { useDesk, useDeskState } from "../../desk/useDesk.ts";
import { Button } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { described, Field, INPUT, TEXTAREA } from "../../parts/Field.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { changeReply, deleteReply, saveReply } from "./requests.ts";
import { inserted, useVariables } from "./variables.ts";

const MOST = { shortcut: 32, title: 100, text: 4_000 };

interface Props {
  /** Null writes a new one. */
  response: CannedResponse | null;
  onClose(): void;
}

type Name = "shortcut" | "title" | "text";

export function Editor({ response, onClose }: Props) {
  const desk = useDesk();
  const variables = useVariables();
  const box = useRef<HTMLTextAreaElement>(null);
  const [base] = useState(response);
  // Being used counts as a change, and is no conflict.
  const now = useDeskState().cannedResponses[base?.id ?? ""];
  const same = now && base && (["shortcut", "title", "text"] as const).every((name) => now[name] === base[name]);
  const [typed, setTyped] = useState({
    shortcut: base?.shortcut ?? "",
    title: base?.title ?? "",
    text: base?.text ?? "",
  });
  const [problems, setProblems] = useState<Partial<Record<Name, string>>>({});
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [removing, setRemoving] = useState(false);

  const type = (name: Name, value: string) => {
    setTyped((before) => ({ ...before, [name]: value }));
    setProblems(({ [name]: _, ...others }) => others);
  };
  const attempt = async (what: () => Promise<unknown>) => {
    setProblem(null);
    setBusy(true);
    try {
      await what();
      onClose();
    } catch (error) {
      const errors = error instanceof Refused ? error.problem.errors : [];
      setProblems(Object.fromEntries(errors.map((it) => [it.pointer.slice(1), it.detail])));
      if (error instanceof Refused && error.code === "taken") {
        setProblems({ shortcut: "Another saved reply has this shortcut." });
      } else if (error instanceof Refused && error.status === 412) {
        setProblem("Somebody changed it meanwhile. Close this to see theirs; copy your text first.");
      } else if (errors.length === 0) {
        setProblem(sentence(error));
      }
      setBusy(false);
    }
  };
  const save = (event: FormEvent) => {
    event.preventDefault();
    const found: typeof problems = {};
    for (const name of ["shortcut", "title", "text"] as const) {
      const length = [...typed[name].trim()].length;
      if (length === 0) found[name] = "Fill this in.";
      else if (length > MOST[name]) found[name] = `At most ${MOST[name]} characters; these are ${length}.`;
    }
    setProblems(found);
    if (Object.keys(found).length > 0) return;
    const whole = { shortcut: typed.shortcut.trim(), title: typed.title.trim(), text: typed.text.trim() };
    void attempt(() => (base ? changeReply(desk, same ? now : base, whole) : saveReply(desk, whole)));
  };
  const insert = (name: string) => {
    const it = box.current;
    if (!it) return;
    const next = inserted(typed.text, it.selectionStart, it.selectionEnd, name);
    type("text", next.text);
    requestAnimationFrame(() => {
      it.focus();
      it.setSelectionRange(next.at, next.at);
    });
  };

  return (
    <Dialog wide form title={base ? `Edit /${base.shortcut}` : "New saved reply"} onClose={onClose}>
      <form noValidate onSubmit={save} className="flex min-h-0 flex-col">
        <div className="grid min-h-0 gap-4 overflow-y-auto px-4 pt-1 pb-4">
          <div className="grid gap-4 phone:grid-cols-[12rem_1fr]">
            <Field
              id="reply-shortcut"
              label="Shortcut"
              hint="What you type after the slash."
              problem={problems.shortcut}
            >
              <div className="relative">
                <span aria-hidden="true" className="absolute inset-y-0 left-3 grid place-items-center text-muted">
                  /
                </span>
                <input
                  {...described("reply-shortcut", true, problems.shortcut)}
                  value={typed.shortcut}
                  autoComplete="off"
                  className={`${INPUT} pl-5`}
                  onChange={(event) => type("shortcut", event.target.value.replace(/^\/+/, ""))}
                />
              </div>
            </Field>
            <Field id="reply-title" label="Title" hint="For you and your colleagues." problem={problems.title}>
              <input
                {...described("reply-title", true, problems.title)}
                value={typed.title}
                dir="auto"
                autoComplete="off"
                className={INPUT}
                onChange={(event) => type("title", event.target.value)}
              />
            </Field>
          </div>
          <Field id="reply-text" label="Text" problem={problems.text}>
            <textarea
              {...described("reply-text", false, problems.text)}
              ref={box}
              rows={6}
              dir="auto"
              value={typed.text}
              className={TEXTAREA}
              onChange={(event) => type("text", event.target.value)}
            />
          </Field>
          <section className="grid gap-1.5">
            <h3 className="text-small font-medium text-muted">Variables, filled in for each chat</h3>
            <ul className="grid gap-x-4 phone:grid-cols-2">
              {variables.map((it) => (
                <li key={it.name}>
                  <button
                    type="button"
                    title={`Put {{${it.name}}} into the text`}
                    className="grid w-full rounded-control px-2 py-1 text-left hover:bg-hover"
                    onClick={() => insert(it.name)}
                  >
                    <code className="font-mono text-small wrap-anywhere text-accent-text">{it.name}</code>
                    <span className="text-small text-muted">
                      {it.description}
                      {it.plugin_name && ` From ${it.plugin_name}.`}
                    </span>
                  </button>
                </li>
              ))}
            </ul>
            <p className="px-2 text-small text-muted">
              Anything the page says of an order works too, such as <code className="font-mono">order_id</code>. A reply
              with a missing value is never sent.
            </p>
          </section>
        </div>
        <div className="grid shrink-0 gap-3 border-t border-line p-4">
          {problem && (
            <Notice tone="danger">
              <p>Not saved. {problem}</p>
            </Notice>
          )}
          <footer className="flex flex-wrap justify-end gap-2">
            {base && (
              <span className="flex-1">
                {removing ? (
                  <Button kind="danger" disabled={busy} onClick={() => void attempt(() => deleteReply(desk, base.id))}>
                    Delete for everybody
                  </Button>
                ) : (
                  <Button disabled={busy} onClick={() => setRemoving(true)}>
                    Delete saved reply
                  </Button>
                )}
              </span>
            )}
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" kind="filled" disabled={busy}>
              {busy ? "Saving" : "Save reply"}
            </Button>
          </footer>
        </div>
      </form>
    </Dialog>
  );
}
