// What a bot asked under its message, and which of it the visitor chose.

import type { AnswerValues, Question } from "@deskbell/client";
import { check } from "@deskbell/ui/icons";
import { Icon } from "../parts/Icon.tsx";

interface Props {
  question: Question;
  answer: AnswerValues | undefined;
}

export function Asked({ question: { choices, form }, answer }: Props) {
  return (
    <ul aria-label="Asked" className="flex max-w-prose flex-wrap justify-end gap-1 pt-1">
      {choices.map(({ id, label }) => {
        const chosen = answer?.choice === id;
        return (
          <li
            key={id}
            dir="auto"
            className={`inline-flex min-h-6 items-center gap-1 rounded-full border px-2.5 text-small wrap-anywhere ${chosen ? "border-accent-text bg-accent-tint font-medium text-accent-text" : "border-line text-muted"}`}
          >
            {chosen && <Icon path={check} />}
            {label}
            {chosen && <span className="sr-only">, chosen</span>}
          </li>
        );
      })}
      {form.map(({ name, label, required }) => (
        <li key={name} dir="auto" className="rounded-control border border-line px-2 py-0.5 text-small text-muted">
          {label}
          {!required && " (optional)"}
        </li>
      ))}
    </ul>
  );
}
