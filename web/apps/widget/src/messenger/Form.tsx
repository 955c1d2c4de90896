// A bot's small form: what is missing is said at its field before it goes out, what
// the desk does not take is said there as well, and nothing typed is lost.

import type { AnswerValues, AskedField } from "@deskbell/client";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Written } from "./current.ts";
import { isAddress } from "./me.ts";

interface Props {
  /** The question in words. */
  labelledBy: string;
  fields: readonly AskedField[];
  refused: Written | undefined;
  onAnswer(values: AnswerValues): void;
}

type Texts = Record<string, string>;

export function Form({ labelledBy, fields, refused, onAnswer }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const [texts, setTexts] = useState(() => typed(refused));
  const [problems, setProblems] = useState(() => said(refused));
  const [tries, setTries] = useState(refused ? 1 : 0);
  const general = refused && fields.every((it) => !problems[it.name]) ? refused.why : null;
  // Back from the desk, or held back here: on where something is to be done.
  useEffect(() => {
    if (tries > 0) form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus();
  }, [tries]);
  // A long form begins to be read at its question, not at its end.
  useEffect(() => {
    if (!refused) document.getElementById(labelledBy)?.scrollIntoView({ block: "nearest" });
  }, [labelledBy, refused]);
  const submit = (event: Event) => {
    event.preventDefault();
    const found = problemsOf(fields, texts);
    setProblems(found);
    setTries(tries + 1);
    if (Object.keys(found).length === 0) onAnswer(valuesOf(fields, texts));
  };
  const change = (name: string, text: string) => {
    setTexts({ ...texts, [name]: text });
    const { [name]: _, ...others } = problems;
    setProblems(others);
  };
  return (
    <form ref={form} class="asking" aria-labelledby={labelledBy} noValidate onSubmit={submit}>
      {fields.map((field) => (
        <Field
          key={field.name}
          field={field}
          id={`${labelledBy}-${field.name}`}
          text={texts[field.name] ?? ""}
          problem={problems[field.name]}
          onChange={(text) => change(field.name, text)}
        />
      ))}
      {general && (
        <p class="wrong" role="alert">
          Not sent. {general}
        </p>
      )}
      <button type="submit" class="solid-button">
        Send answers
      </button>
    </form>
  );
}

interface FieldProps {
  field: AskedField;
  id: string;
  text: string;
  problem: string | undefined;
  onChange(text: string): void;
}

const MODES = { text: "text", email: "email", number: "decimal", choice: undefined } as const;

function Field({ field: { name, label, type, required, choices }, id, text, problem, onChange }: FieldProps) {
  const wrong = problem ? `${id}-wrong` : undefined;
  const title = (
    <span dir="auto">
      {label} {!required && <i>optional</i>}
    </span>
  );
  const why = problem && (
    <p id={wrong} class="wrong" role="alert">
      {problem}
    </p>
  );
  if (type === "choice") {
    return (
      <fieldset class="choices" aria-describedby={wrong}>
        <legend>{title}</legend>
        {choices.map((it, at) => (
          <label key={it.id} class={text === it.id ? "choice chosen" : "choice"} dir="auto">
            <input
              type="radio"
              name={id}
              checked={text === it.id}
              required={required}
              aria-invalid={problem !== undefined && at === 0}
              onChange={() => onChange(it.id)}
            />
            {it.label}
          </label>
        ))}
        {why}
      </fieldset>
    );
  }
  return (
    <div class="fields">
      <label>
        {title}
        <input
          type="text"
          inputMode={MODES[type]}
          autocomplete={type === "email" ? "email" : "off"}
          name={name}
          dir="auto"
          maxLength={1000}
          required={required}
          value={text}
          aria-invalid={problem !== undefined}
          aria-describedby={wrong}
          onInput={(event) => onChange(event.currentTarget.value)}
        />
      </label>
      {why}
    </div>
  );
}

function nameAt(pointer: string): string {
  const last = pointer.split("/").at(-1) ?? "";
  return last.replaceAll("~1", "/").replaceAll("~0", "~");
}

function numberOf(text: string): number {
  return Number(text.trim().replace(",", "."));
}

export function problemsOf(fields: readonly AskedField[], texts: Texts): Texts {
  const found: Texts = {};
  for (const { name, type, required, choices } of fields) {
    const text = texts[name]?.trim() ?? "";
    if (!text) {
      if (required) found[name] = type === "choice" ? "Choose one." : "Fill this in.";
    } else if (type === "email" && !isAddress(text)) found[name] = "This is no e-mail address.";
    else if (type === "number" && !Number.isFinite(numberOf(text))) found[name] = "Write a number, such as 12.";
    else if (type === "choice" && !choices.some((it) => it.id === text)) found[name] = "Choose one.";
  }
  return found;
}

/** What was left empty is left out. */
export function valuesOf(fields: readonly AskedField[], texts: Texts): AnswerValues {
  const given = fields.flatMap(({ name, type }): [string, string | number][] => {
    const text = texts[name]?.trim() ?? "";
    return text ? [[name, type === "number" ? numberOf(text) : text]] : [];
  });
  return Object.fromEntries(given);
}

function typed(refused: Written | undefined): Texts {
  const values = refused && "answer" in refused.params ? refused.params.answer?.values : null;
  return Object.fromEntries(Object.entries(values ?? {}).map(([name, value]) => [name, String(value)]));
}

/** `/answer/values/email` is the field `email`. */
function said(refused: Written | undefined): Texts {
  const errors = refused?.errors ?? [];
  return Object.fromEntries(errors.map(({ pointer, detail }) => [nameAt(pointer), detail]));
}
