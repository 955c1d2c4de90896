// What one wants to see of the log: by whom, when, of what kind.

import { cross } from "@deskbell/ui/icons";
import type { ReactNode } from "react";
import { useDeskState } from "../../desk/useDesk.ts";
import { FieldProblem, INPUT, SELECT } from "../../parts/Field.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { backwards, type Filter, GROUPS, type Group, WHENS, type When } from "./filter.ts";
import type { Names } from "./told.ts";

interface Props {
  filter: Filter;
  known: Names;
  onChange(filter: Filter): void;
  /** What is done with what was chosen. */
  children: ReactNode;
}

export function Filters({ filter, known, onChange, children }: Props) {
  const agents = Object.values(useDeskState().agents).sort((a, b) => a.name.localeCompare(b.name));
  const { who, what, when, from, to, about } = filter;
  const stranger = who && who !== "system" && !agents.some((it) => it.id === who);
  const turn = (group: Group) =>
    onChange({ ...filter, what: what.includes(group) ? what.filter((it) => it !== group) : [...what, group] });
  const wrong = backwards(filter) ? "The last day is before the first." : undefined;
  return (
    <section aria-label="What to show" className="grid gap-3">
      <div className="flex flex-wrap items-end gap-3">
        <label className="grid min-w-0 flex-[1_1_10rem] gap-1 phone:max-w-56">
          <span className="text-small text-muted">Who</span>
          <select value={who} className={SELECT} onChange={(event) => onChange({ ...filter, who: event.target.value })}>
            <option value="">Anybody</option>
            {agents.map((it) => (
              <option key={it.id} value={it.id}>
                {it.name}
              </option>
            ))}
            {stranger && <option value={who}>{known[who] ?? who}</option>}
            <option value="system">Deskbell, or not logged in</option>
          </select>
        </label>
        <label className="grid min-w-0 flex-[1_1_8rem] gap-1 phone:max-w-40">
          <span className="text-small text-muted">When</span>
          <select
            value={when}
            className={SELECT}
            onChange={(event) => onChange({ ...filter, when: event.target.value as When })}
          >
            {Object.entries(WHENS).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        {when === "days" &&
          (["from", "to"] as const).map((end) => (
            <label key={end} className="grid min-w-0 flex-[1_1_8rem] gap-1 phone:max-w-40">
              <span className="text-small text-muted">{end === "from" ? "First day" : "Last day"}</span>
              <input
                type="date"
                value={end === "from" ? from : to}
                className={INPUT}
                aria-invalid={wrong ? true : undefined}
                aria-describedby={wrong ? "audit-days-problem" : undefined}
                onChange={(event) => onChange({ ...filter, [end]: event.target.value })}
              />
            </label>
          ))}
        <div className="ml-auto flex flex-wrap items-center justify-end gap-2">{children}</div>
      </div>
      <FieldProblem id="audit-days" text={wrong} />
      <fieldset className="flex flex-wrap items-center gap-2">
        <legend className="sr-only">What was done</legend>
        {Object.entries(GROUPS).map(([group, { name }]) => (
          <Toggle key={group} on={what.includes(group as Group)} onTurn={() => turn(group as Group)}>
            {name}
          </Toggle>
        ))}
        {about && (
          <button
            type="button"
            className="inline-flex h-7 max-w-full items-center gap-1.5 rounded-full border border-transparent bg-accent-tint pr-2 pl-3 text-small font-medium text-accent-text"
            onClick={() => onChange({ ...filter, about: "" })}
          >
            <span className="min-w-0 truncate">Only {known[about] ?? about}</span>
            <span className="sr-only">: show the others too</span>
            <Icon path={cross} />
          </button>
        )}
      </fieldset>
    </section>
  );
}

function Toggle({ on, onTurn, children }: { on: boolean; onTurn(): void; children: string }) {
  return (
    <button
      type="button"
      aria-pressed={on}
      className="h-7 rounded-full border border-control bg-surface px-3 text-small font-medium transition-colors hover:bg-hover aria-pressed:border-accent aria-pressed:bg-accent-tint aria-pressed:text-accent-text"
      onClick={onTurn}
    >
      {children}
    </button>
  );
}
