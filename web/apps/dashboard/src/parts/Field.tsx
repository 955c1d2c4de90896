// A labelled field: the label above, below it what is wrong and what it means.
// Readers hear all three.

import type { ReactNode } from "react";

const BOX =
  "w-full min-w-0 rounded-control border bg-surface px-3 text-heading aria-invalid:border-danger-text phone:text-body disabled:opacity-60";
/** Text of 16 px on a phone, so that it does not zoom in. */
export const INPUT = `h-8 border-control ${BOX}`;
export const TEXTAREA = `py-1.5 border-control ${BOX}`;
export const SELECT = `h-8 border-control pr-2 ${BOX}`;

interface Props {
  id: string;
  label: ReactNode;
  hint?: ReactNode;
  problem?: string | undefined;
  optional?: boolean;
  /** Takes a whole row where fields stand beside each other. */
  wide?: boolean;
  children: ReactNode;
}

export function Field({ id, label, hint, problem, optional = false, wide = false, children }: Props) {
  return (
    <div className={`grid min-w-0 content-start gap-1 ${wide ? "@roomy:col-span-full" : ""}`}>
      <label htmlFor={id} className="font-medium">
        {label} {optional && <span className="font-normal text-muted">optional</span>}
      </label>
      {children}
      <FieldProblem id={id} text={problem} />
      {hint && (
        <p id={`${id}-hint`} className="text-small text-muted">
          {hint}
        </p>
      )}
    </div>
  );
}

export function FieldProblem({ id, text }: { id: string; text: string | undefined }) {
  if (!text) return null;
  return (
    <p id={`${id}-problem`} role="alert" className="text-small text-danger-text wrap-anywhere">
      {text}
    </p>
  );
}

/** What ties an input to its field: spread it onto the input. */
export function described(id: string, hint: unknown, problem: string | undefined) {
  const by = [hint ? `${id}-hint` : "", problem ? `${id}-problem` : ""].filter(Boolean).join(" ");
  return { id, "aria-invalid": problem ? true : undefined, "aria-describedby": by || undefined } as const;
}
