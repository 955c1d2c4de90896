// One entry: a sentence, and opened in place what changed, where from, and how to see
// more of the same.

import type { AuditEntry } from "@deskbell/client";
import { clock } from "@deskbell/ui";
import { down } from "@deskbell/ui/icons";
import { type ReactNode, useId, useState } from "react";
import { settingsHref } from "../../desk/useSettings.ts";
import { Avatar } from "../../parts/Avatar.tsx";
import { Button } from "../../parts/Button.tsx";
import { Icon } from "../../parts/Icon.tsx";
import type { Filter } from "./filter.ts";
import { actorName, alsoChanged, type Line, lines, type Names, reasonOf, told } from "./told.ts";

interface Props {
  entry: AuditEntry;
  known: Names;
  filter: Filter;
  onFilter(filter: Filter): void;
}

export function Entry({ entry, known, filter, onFilter }: Props) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const who = actorName(entry);
  const { before, target, after } = told(entry);
  const failed = entry.action.endsWith("_failed");
  return (
    <li>
      <div className="relative flex items-start gap-3 px-4 py-2.5 hover:bg-hover has-[:focus-visible]:bg-hover phone:items-center">
        <time
          dateTime={entry.at}
          title={new Date(entry.at).toLocaleString()}
          className="hidden w-11 shrink-0 text-muted tabular-nums phone:block"
        >
          {clock(entry.at)}
        </time>
        <Avatar name={who === "Somebody" ? null : who} desk={entry.actor.type === "agent"} size="size-6" />
        <div className="min-w-0 flex-1">
          <p className="wrap-anywhere">
            <b className="font-medium">{who}</b>{" "}
            <span className={failed ? "text-danger-text" : undefined}>{before}</span>
            {target && <> {<Target entry={entry} />}</>}
            {after && ` ${after}`}
          </p>
          <p className="text-small text-muted tabular-nums phone:hidden">
            {[clock(entry.at), entry.address].filter(Boolean).join(" · ")}
          </p>
        </div>
        <span className="hidden max-w-48 shrink-0 truncate font-mono text-small text-muted phone:block">
          {entry.address}
        </span>
        <button
          type="button"
          aria-expanded={open}
          aria-controls={open ? id : undefined}
          aria-label={`Details: ${who} ${[before, target && entry.target.name, after].filter(Boolean).join(" ")}`}
          className="grid size-6 shrink-0 place-items-center rounded-control text-muted before:absolute before:inset-0"
          onClick={() => setOpen(!open)}
        >
          <Icon path={down} className={`transition-transform ${open ? "rotate-180" : ""}`} />
        </button>
      </div>
      {open && (
        <div id={id} className="grid gap-4 border-t border-line bg-sunken p-4 phone:pl-18">
          <Changes entry={entry} known={known} />
          <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-1.5 text-small">
            <Fact name="When">{exactly(entry.at)}</Fact>
            <Fact name="From">{entry.address ?? "Deskbell itself"}</Fact>
            <Fact name="Action">
              <span className="font-mono">{entry.action}</span>
            </Fact>
            {entry.target.id && (
              <Fact name="Id">
                <span className="font-mono">{entry.target.id}</span>
              </Fact>
            )}
          </dl>
          <More entry={entry} who={who} filter={filter} onFilter={onFilter} />
        </div>
      )}
    </li>
  );
}

/** A link where there is a page of it; above what opens the row. */
function Target({ entry: { target, action } }: { entry: AuditEntry }) {
  const name = target.name ?? (target.id ? `${target.id.slice(0, 12)}…` : "");
  const href = action.endsWith(".deleted") ? null : pageOf(target);
  if (!href) return <span className="font-medium">{name}</span>;
  return (
    <a href={href} className="relative z-1 rounded-control font-medium text-accent-text hover:underline">
      {name}
    </a>
  );
}

function pageOf({ kind, id }: AuditEntry["target"]): string | null {
  if (kind === "installation" && id) return settingsHref("plugins", id);
  if (kind === "plugin") return settingsHref("plugins");
  if (kind === "inbox" && id) return settingsHref("inboxes", id);
  if (kind === "canned_response") return settingsHref("replies");
  return null;
}

function exactly(at: string): string {
  const format = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });
  return format.format(new Date(at));
}

function Changes({ entry, known }: { entry: AuditEntry; known: Names }) {
  const changed = lines(entry, known);
  const also = alsoChanged(entry);
  const reason = reasonOf(entry);
  if (changed.length === 0 && also.length === 0 && !reason) return null;
  return (
    <div className="grid gap-2">
      {reason && <p className="max-w-prose wrap-anywhere">{reason}</p>}
      {changed.length > 0 && (
        <dl className="grid gap-x-6 gap-y-2 phone:grid-cols-[10rem_1fr]">
          {changed.map((it) => (
            <Fact key={it.name} name={it.name}>
              <Change {...it} />
            </Fact>
          ))}
        </dl>
      )}
      {also.length > 0 && (
        <p className="max-w-prose">
          {changed.length > 0 ? "Changed too" : "Changed"}: {also.join(", ")}.{" "}
          <span className="text-muted">The log does not keep what these were.</span>
        </p>
      )}
    </div>
  );
}

function Change({ was, is, added, removed }: Line) {
  if (added || removed) {
    const parts = [added?.length && `Added ${added.join(", ")}`, removed?.length && `Removed ${removed.join(", ")}`];
    return <>{parts.filter(Boolean).join(". ") || "In another order"}</>;
  }
  if (was === undefined) return <>{is}</>;
  return (
    <>
      <s className="text-muted">
        <span className="sr-only">from </span>
        {was}
      </s>{" "}
      <span aria-hidden="true">→</span>
      <span className="sr-only">to</span> <span className="font-medium">{is}</span>
    </>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 wrap-anywhere">{children}</dd>
    </>
  );
}

/** The same list, of this one person or this one thing. */
function More({ entry, who, filter, onFilter }: Omit<Props, "known"> & { who: string }) {
  const actor = entry.actor.id ?? (entry.actor.type === "system" ? "system" : "");
  const { id, name } = entry.target;
  return (
    <div className="flex flex-wrap gap-2 empty:hidden">
      {entry.actor.id && filter.who !== actor && (
        <Button onClick={() => onFilter({ ...filter, who: actor })}>Only by {who}</Button>
      )}
      {id && name && filter.about !== id && (
        <Button className="max-w-full" onClick={() => onFilter({ ...filter, about: id })}>
          <span className="min-w-0 truncate">Only about {name}</span>
        </Button>
      )}
    </div>
  );
}
