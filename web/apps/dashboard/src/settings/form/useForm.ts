// A form's state: what is typed, what is wrong, whether anything changed.

import { useMemo, useState } from "react";
import { type Draft, draftOf, idAt, placed, pointers, readValue } from "./draft.ts";
import { fieldOf, type Schema } from "./field.ts";

export const ROOT = "/config";

interface Wrong {
  pointer: string;
  detail: string;
}

interface Options {
  /** For a new one, which begins with the defaults. */
  fresh?: boolean;
  /** What was typed before and not saved. */
  kept?: Draft | undefined;
}

export function useForm(schema: Schema, value: unknown, { fresh = false, kept }: Options = {}) {
  const field = useMemo(() => fieldOf(schema), [schema]);
  const first = useMemo(() => draftOf(field, value, fresh), [field, value, fresh]);
  const [draft, setDraft] = useState(kept ?? first);
  const [problems, setProblems] = useState<Record<string, string>>({});

  const show = (found: Record<string, string>) => {
    setProblems(found);
    const order = pointers(field, draft, ROOT);
    const wrong = order.find((pointer) => found[pointer] !== undefined);
    // After the words are there, so that a reader says them too.
    if (!wrong) return;
    requestAnimationFrame(() => {
      const place = document.getElementById(idAt(wrong));
      place?.focus({ preventScroll: true });
      place?.scrollIntoView({ block: "center" });
    });
  };

  return {
    field,
    draft,
    problems,
    dirty: JSON.stringify(draft) !== JSON.stringify(first),
    change: (pointer: string, next: Draft) => {
      setDraft((before) => withDraft(before, pointer.slice(ROOT.length).split("/").slice(1), next));
      // What was said of a place is about what stood there.
      setProblems((before) =>
        Object.fromEntries(Object.entries(before).filter(([at]) => at !== pointer && !at.startsWith(`${pointer}/`))),
      );
    },
    /** The value, or null when something is wrong, which is then shown. */
    read: (): Record<string, unknown> | null => {
      const found: Record<string, string> = {};
      const is = readValue(field, draft, ROOT, found);
      show(found);
      return Object.keys(found).length > 0 ? null : ((is ?? {}) as Record<string, unknown>);
    },
    /** The server's findings; returns those that have no place in this form. */
    refuse: (errors: readonly Wrong[]): string[] => {
      const found = placed(
        errors.filter((it) => it.pointer === ROOT || it.pointer.startsWith(`${ROOT}/`)),
        pointers(field, draft, ROOT),
      );
      show(found);
      return errors.filter((it) => !it.pointer.startsWith(ROOT)).map((it) => it.detail);
    },
    reset: (to: unknown) => {
      setDraft(draftOf(field, to));
      setProblems({});
    },
  };
}

function withDraft(draft: Draft, path: readonly string[], next: Draft): Draft {
  const [step, ...rest] = path;
  if (step === undefined) return next;
  if (Array.isArray(draft)) {
    return draft.map((each, at) => (String(at) === step ? withDraft(each, rest, next) : each));
  }
  const group = draft as Record<string, Draft>;
  return { ...group, [step]: withDraft(group[step] ?? "", rest, next) };
}
