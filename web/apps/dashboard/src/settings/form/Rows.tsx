// A list of objects: a card each, in an order one can change.

import { bin, downward, plus, up } from "@deskbell/ui/icons";
import { Button, IconButton } from "../../parts/Button.tsx";
import { FieldProblem } from "../../parts/Field.tsx";
import { type Draft, draftOf, idAt, isOptional } from "./draft.ts";
import { Columns, Members, type Shown } from "./Form.tsx";
import type { Field } from "./field.ts";

interface Props extends Shown<Field & { kind: "list" }> {
  item: Field & { kind: "group" };
}

export function Rows({ field, item, draft, pointer, problems, onChange }: Props) {
  const all = draft as readonly Draft[];
  const one = item.title === "Item" ? singular(field.title) : item.title;
  const swap = (at: number, other: number) => {
    const next = [...all];
    [next[at], next[other]] = [next[other] ?? "", next[at] ?? ""];
    onChange(pointer, next);
  };
  return (
    <fieldset className="grid min-w-0 gap-2 @roomy:col-span-full" id={idAt(pointer)} tabIndex={-1}>
      <legend className="float-left w-full font-medium">
        {field.title} {isOptional(field) && <span className="font-normal text-muted">optional</span>}
      </legend>
      {field.hint && <p className="text-small text-muted">{field.hint}</p>}
      {all.length === 0 && <p className="text-muted">None yet.</p>}
      <ol className="grid min-w-0 gap-3">
        {all.map((each, at) => {
          const name = `${one} ${at + 1}`;
          const place = `${pointer}/${at}`;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row has no other name, and holds no state.
            <li key={at} className="min-w-0 overflow-hidden rounded-card border border-line">
              {/* biome-ignore lint/a11y/useSemanticElements: its name stands in a row with buttons. */}
              <div role="group" aria-label={name} id={idAt(place)} tabIndex={-1}>
                <div className="flex items-center gap-1 border-b border-line bg-sunken py-1 pr-1 pl-3">
                  <p className="min-w-0 flex-1 truncate font-medium" dir="auto">
                    {name} <span className="font-normal text-muted">{headline(item, each)}</span>
                  </p>
                  {at > 0 && (
                    <IconButton label={`Move ${name} up`} path={up} size={16} onClick={() => swap(at, at - 1)} />
                  )}
                  {at < all.length - 1 && (
                    <IconButton
                      label={`Move ${name} down`}
                      path={downward}
                      size={16}
                      onClick={() => swap(at, at + 1)}
                    />
                  )}
                  <IconButton
                    label={`Remove ${name}`}
                    path={bin}
                    size={16}
                    onClick={() =>
                      onChange(
                        pointer,
                        all.filter((_, other) => other !== at),
                      )
                    }
                  />
                </div>
                <div className="grid gap-4 p-3">
                  <Columns>
                    <Members field={item} draft={each} pointer={place} problems={problems} onChange={onChange} />
                  </Columns>
                  <FieldProblem id={idAt(place)} text={problems[place]} />
                </div>
              </div>
            </li>
          );
        })}
      </ol>
      {all.length < field.most && (
        <Button
          icon={plus}
          className="justify-self-start"
          onClick={() => onChange(pointer, [...all, draftOf(item, undefined, true)])}
        >
          Add {one.toLocaleLowerCase()}
        </Button>
      )}
      <FieldProblem id={idAt(pointer)} text={problems[pointer]} />
    </fieldset>
  );
}

/** What a row is about: its first short text. */
function headline(item: Field & { kind: "group" }, draft: Draft): string {
  const first = item.fields.find(([, each]) => each.kind === "text" && !each.lines && !each.secret);
  const said = first ? (draft as Record<string, Draft>)[first[0]] : "";
  return typeof said === "string" ? said : "";
}

function singular(title: string): string {
  return /[^s]s$/.test(title) ? title.slice(0, -1) : "Entry";
}
