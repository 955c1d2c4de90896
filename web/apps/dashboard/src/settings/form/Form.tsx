// The form of a JSON Schema. It draws; what fields there are and what a value
// comes to is in `field.ts` and `draft.ts`.

import { cross, plus } from "@deskbell/ui/icons";
import { type ReactNode, useState } from "react";
import { Button, IconButton } from "../../parts/Button.tsx";
import { described, FieldProblem, Field as Frame, INPUT, SELECT, TEXTAREA } from "../../parts/Field.tsx";
import { type Draft, draftOf, idAt, isBlank, isOptional, mustSay, type Problems } from "./draft.ts";
import type { Field } from "./field.ts";
import { Rows } from "./Rows.tsx";

export interface Shown<Kind extends Field = Field> {
  field: Kind;
  draft: Draft;
  pointer: string;
  problems: Problems;
  onChange(pointer: string, draft: Draft): void;
}

export function Input(shown: Shown) {
  const { field } = shown;
  switch (field.kind) {
    case "group":
      return <Group {...shown} field={field} />;
    case "list":
      return field.item.kind === "group" ? (
        <Rows {...shown} field={field} item={field.item} />
      ) : (
        <Lines {...shown} field={field} />
      );
    default:
      return <Leaf {...shown} field={field} />;
  }
}

/** The members of an object, one below the other. */
export function Members({ field, draft, pointer, ...rest }: Shown<Field & { kind: "group" }>) {
  const typed = draft as Record<string, Draft>;
  return field.fields.map(([name, each]) => (
    <Input key={name} field={each} draft={typed[name] ?? ""} pointer={`${pointer}/${name}`} {...rest} />
  ));
}

/** Short fields beside each other where there is room; what is long takes a row. */
export function Columns({ children }: { children: ReactNode }) {
  return (
    <div className="@container min-w-0">
      <div className="grid min-w-0 items-start gap-4 @roomy:grid-cols-2">{children}</div>
    </div>
  );
}

function Group(shown: Shown<Field & { kind: "group" }>) {
  const { field, draft, pointer, problems } = shown;
  const [wanted, setWanted] = useState(false);
  // What nobody needs takes no room.
  if (!field.required && !wanted && isBlank(field, draft)) {
    return (
      <Button icon={plus} className="justify-self-start self-end" onClick={() => setWanted(true)}>
        Add {field.title.toLocaleLowerCase()}
      </Button>
    );
  }
  return (
    <fieldset
      className="grid min-w-0 gap-3 border-l-2 border-line pl-3 @roomy:col-span-full"
      id={idAt(pointer)}
      tabIndex={-1}
    >
      <legend className="float-left w-full font-medium">
        {field.title} {isOptional(field) && <span className="font-normal text-muted">optional</span>}
      </legend>
      {field.hint && <p className="-mt-2 text-small text-muted">{field.hint}</p>}
      <Columns>
        <Members {...shown} />
      </Columns>
      <FieldProblem id={idAt(pointer)} text={problems[pointer]} />
    </fieldset>
  );
}

/** A list of texts, numbers or choices: a line each. */
function Lines({ field, draft, pointer, problems, onChange }: Shown<Field & { kind: "list" }>) {
  const all = draft as readonly Draft[];
  const id = idAt(pointer);
  return (
    <fieldset className="grid min-w-0 gap-2 @roomy:col-span-full" id={id} tabIndex={-1}>
      <legend className="float-left w-full font-medium">
        {field.title} {isOptional(field) && <span className="font-normal text-muted">optional</span>}
      </legend>
      {field.hint && <p className="text-small text-muted">{field.hint}</p>}
      {all.map((each, at) => {
        const place = `${pointer}/${at}`;
        const name = `${field.title} ${at + 1}`;
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a line has no other name, and holds no state.
          <div key={at} className="grid gap-1">
            <div className="flex gap-2">
              <Control
                field={field.item}
                draft={each}
                label={name}
                {...described(idAt(place), null, problems[place])}
                onChange={(next) => onChange(place, next)}
              />
              <IconButton
                label={`Remove ${name}`}
                path={cross}
                size={16}
                onClick={() =>
                  onChange(
                    pointer,
                    all.filter((_, other) => other !== at),
                  )
                }
              />
            </div>
            <FieldProblem id={idAt(place)} text={problems[place]} />
          </div>
        );
      })}
      {all.length < field.most && (
        <Button
          icon={plus}
          className="justify-self-start"
          onClick={() => onChange(pointer, [...all, draftOf(field.item, undefined, true)])}
        >
          Add {field.item.title === "Item" ? "a line" : field.item.title.toLocaleLowerCase()}
        </Button>
      )}
      <FieldProblem id={id} text={problems[pointer]} />
    </fieldset>
  );
}

function Leaf({ field, draft, pointer, problems, onChange }: Shown) {
  const id = idAt(pointer);
  const problem = problems[pointer];
  const about = described(id, field.hint, problem);
  const change = (next: Draft) => onChange(pointer, next);
  if (field.kind === "flag" && mustSay(field)) {
    return (
      <div className="grid gap-1">
        <label className="flex items-center gap-2 font-medium">
          <input
            type="checkbox"
            className="size-4 accent-accent"
            {...about}
            checked={draft === "yes"}
            onChange={(event) => change(event.target.checked ? "yes" : "no")}
          />
          {field.title}
        </label>
        {field.hint && (
          <p id={`${id}-hint`} className="pl-6 text-small text-muted">
            {field.hint}
          </p>
        )}
        <FieldProblem id={id} text={problem} />
      </div>
    );
  }
  const wide = field.kind === "json" || (field.kind === "text" && (field.lines || field.wide));
  return (
    <Frame wide={wide} id={id} label={field.title} hint={field.hint} problem={problem} optional={isOptional(field)}>
      <Control field={field} draft={draft} {...about} onChange={change} />
    </Frame>
  );
}

interface ControlProps extends ReturnType<typeof described> {
  field: Field;
  draft: Draft;
  /** Where no label stands beside it. */
  label?: string;
  onChange(draft: Draft): void;
}

function Control({ field, draft, label, onChange, ...about }: ControlProps) {
  const value = String(draft);
  const common = {
    ...about,
    "aria-label": label,
    value,
    placeholder: hinted(field.fallback),
    onChange: (event: { target: { value: string } }) => onChange(event.target.value),
  };
  switch (field.kind) {
    case "choice":
    case "flag": {
      const options =
        field.kind === "choice"
          ? field.options.map(({ label }) => ({ value: label, label }))
          : [
              { value: "yes", label: "Yes" },
              { value: "no", label: "No" },
            ];
      const { placeholder: _, ...select } = common;
      return (
        <select {...select} className={SELECT}>
          {(value === "" || !field.required) && <option value="">{field.required ? "Choose one" : "Not set"}</option>}
          {options.map((option) => (
            <option key={option.value} value={option.value}>
              {option.label}
            </option>
          ))}
        </select>
      );
    }
    case "number":
      return (
        <input
          {...common}
          inputMode={field.whole && (field.min ?? -1) >= 0 ? "numeric" : "decimal"}
          className={`${INPUT} max-w-40 tabular-nums`}
        />
      );
    case "json":
      return <textarea {...common} rows={6} spellCheck={false} className={`${TEXTAREA} font-mono`} />;
    case "text":
      if (field.lines) return <textarea {...common} rows={3} dir="auto" className={TEXTAREA} />;
      return (
        <input
          {...common}
          type={field.secret ? "password" : (TYPES[field.format ?? ""] ?? "text")}
          autoComplete="off"
          dir="auto"
          className={INPUT}
        />
      );
    default:
      return null;
  }
}

/** What stands where nothing is typed: the default. */
function hinted(fallback: unknown): string | undefined {
  if (fallback === undefined || fallback === "") return undefined;
  return typeof fallback === "object" ? JSON.stringify(fallback) : String(fallback);
}

/** Those a browser helps with; it judges none of them, as our words do that. */
const TYPES: Record<string, string> = {
  email: "email",
  uri: "url",
  url: "url",
  date: "date",
  time: "time",
};
