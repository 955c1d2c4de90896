// The audit log: who did what to what, when, and from where. By day, the latest first.

import { type AuditEntry, sentence } from "@deskbell/client";
import { day, sameDay } from "@deskbell/ui";
import { download, history, reopen } from "@deskbell/ui/icons";
import { useEffect, useMemo, useRef, useState } from "react";
import { useDeskState, useNow } from "../../desk/useDesk.ts";
import { settingsHref } from "../../desk/useSettings.ts";
import { Button } from "../../parts/Button.tsx";
import { Empty, Failed, Skeletons } from "../../parts/Empty.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { CARD, Heading } from "../Heading.tsx";
import { Entry } from "./Entry.tsx";
import { Filters } from "./Filters.tsx";
import { backwards, EVERYTHING, type Filter, filterOf, isEverything, queryOf } from "./filter.ts";
import type { Names } from "./told.ts";
import { useAudit } from "./useAudit.ts";

/** Not a page of its own in the history of the browser. */
function show(filter: Filter): void {
  const query = queryOf(filter);
  location.replace(settingsHref("audit") + (query && `?${query}`));
}

export function Audit({ query }: { query: string }) {
  const filter = useMemo(() => filterOf(query), [query]);
  return (
    <>
      <Heading title="Audit log" text="Who changed what about this desk, who logged in, and from where." />
      <Listed filter={filter} />
    </>
  );
}

function Listed({ filter }: { filter: Filter }) {
  const { entries, next, busy, problem, isOld, reload, older, file } = useAudit(filter);
  const now = useNow(60_000);
  const known = useNames(entries ?? []);
  const all = isEverything(filter);
  const end = useRef<HTMLParagraphElement>(null);
  const wasOlder = useRef(false);
  // The button one pressed is gone with the last page.
  useEffect(() => {
    if (wasOlder.current && busy === null && next === null && !problem) end.current?.focus();
    wasOlder.current = busy === "older";
  }, [busy, next, problem]);
  const days = useMemo(() => byDay(entries ?? []), [entries]);
  return (
    <>
      <Filters filter={filter} known={known} onChange={show}>
        <Button icon={reopen} disabled={busy === "all"} onClick={() => void reload()}>
          {isOld ? "Show newer entries" : "Load again"}
        </Button>
        <CsvFile file={file} disabled={backwards(filter) || !entries?.length} />
      </Filters>
      {problem && entries !== null && (
        <Notice tone="warning">
          <p>The log did not load. What you see may be out of date. {problem}</p>
        </Notice>
      )}
      {entries === null ? (
        problem ? (
          <Failed what={`The audit log did not load. ${problem}`} onRetry={() => void reload()} />
        ) : (
          <Skeletons count={6} />
        )
      ) : entries.length === 0 ? (
        <div className={CARD}>
          <Empty icon={history} title={all ? "Nothing yet" : "Nothing like this"}>
            {all ? (
              "Each change of plugins, inboxes, teams, people and saved replies is noted here, and each log-in."
            ) : (
              <>
                <p className="pb-3">No entry fits all you chose.</p>
                <Button onClick={() => show(EVERYTHING)}>Show all entries</Button>
              </>
            )}
          </Empty>
        </div>
      ) : (
        <div aria-busy={busy === "all"} className="grid gap-6 transition-opacity aria-busy:opacity-60">
          {days.map(([first, ...others]) => (
            <section key={first.id} className="grid gap-2">
              <h2 className="font-semibold">{day(first.at, now)}</h2>
              <ol className={`${CARD} divide-y divide-line`}>
                {[first, ...others].map((it) => (
                  <Entry key={it.id} entry={it} known={known} filter={filter} onFilter={show} />
                ))}
              </ol>
            </section>
          ))}
          {next ? (
            <Button className="justify-self-center" disabled={busy !== null} onClick={() => void older()}>
              {busy === "older" ? "Loading" : "Show older entries"}
            </Button>
          ) : (
            <p ref={end} tabIndex={-1} className="text-center text-small text-muted outline-none">
              {all ? "That is where the log begins." : "That is all."}
            </p>
          )}
        </div>
      )}
      <p role="status" className="sr-only">
        {busy === null && entries ? `${entries.length} entries${next ? ", and there are older ones" : ""}` : ""}
      </p>
    </>
  );
}

/** Never without a first one. */
type Day = [AuditEntry, ...AuditEntry[]];

function byDay(entries: readonly AuditEntry[]): Day[] {
  const days: Day[] = [];
  for (const entry of entries) {
    const last = days.at(-1);
    if (last && sameDay(last[0].at, entry.at)) last.push(entry);
    else days.push([entry]);
  }
  return days;
}

/** Of everybody and everything an entry may speak of. */
function useNames(entries: readonly AuditEntry[]): Names {
  const { agents, teams, inboxes } = useDeskState();
  return useMemo(() => {
    const targets = entries
      .map(({ target: { id, name } }) => [id ?? "", name ?? ""])
      .filter(([id, name]) => id && name);
    const furniture = [agents, teams, inboxes].flatMap((it) => Object.values(it)).map((it) => [it.id, it.name]);
    return Object.fromEntries([...targets, ...furniture]);
  }, [agents, teams, inboxes, entries]);
}

function CsvFile({ file, disabled }: { file: ReturnType<typeof useAudit>["file"]; disabled: boolean }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const [isPart, setPart] = useState(false);
  const save = async () => {
    setBusy(true);
    setProblem(null);
    setPart(false);
    try {
      const answer = await file();
      const link = document.createElement("a");
      link.href = URL.createObjectURL(answer.file);
      link.download = `audit-${new Date().toISOString().slice(0, 10)}.csv`;
      link.click();
      URL.revokeObjectURL(link.href);
      setPart(answer.next !== null);
    } catch (error) {
      setProblem(sentence(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button icon={download} disabled={disabled || busy} onClick={() => void save()}>
        {busy ? "Preparing file" : "Download CSV"}
      </Button>
      {(problem || isPart) && (
        <div className="w-full">
          <Notice tone={problem ? "danger" : "warning"}>
            <p>
              {problem
                ? `Not downloaded. ${problem}`
                : "The file has the latest 50,000 entries. Choose fewer days to get the older ones."}
            </p>
          </Notice>
        </div>
      )}
    </>
  );
}
