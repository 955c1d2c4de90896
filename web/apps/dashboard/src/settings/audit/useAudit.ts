// Entries of the audit log: the latest first, and page by page what is older. What
// was loaded stays to be read while something else is asked for.

import { type AuditEntry, sentence } from "@deskbell/client";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useDesk, useStore } from "../../desk/useDesk.ts";
import { asked, backwards, type Filter } from "./filter.ts";
import { auditRequests } from "./requests.ts";

/** Events that an entry was written with. */
const NOTED = /^(plugin\.(?!breaker|trapped)|installation\.|agent\.(created|updated)|team\.|inbox\.|canned_response\.)/;

interface State {
  /** Null before the first answer. */
  entries: readonly AuditEntry[] | null;
  next: string | null;
  /** What is under way. */
  busy: "all" | "older" | null;
  problem: string | null;
}

const NOTHING: State = { entries: null, next: null, busy: "all", problem: null };

export function useAudit(filter: Filter) {
  const desk = useDesk();
  const live = useStore(desk.link) === "live";
  const requests = useMemo(() => auditRequests(desk), [desk]);
  const [state, setState] = useState(NOTHING);
  /** Something was done since the list was loaded. */
  const [isOld, setOld] = useState(false);
  // An answer that was overtaken by a later question is not shown.
  const turn = useRef(0);
  const ask = useCallback(
    async (cursor: string | null) => {
      const mine = ++turn.current;
      setState((before) => ({ ...before, busy: cursor ? "older" : "all", problem: null }));
      if (!cursor) setOld(false);
      try {
        const { items, next_cursor: next } = await requests.page(asked(filter, Date.now()), cursor);
        if (mine !== turn.current) return;
        setState((before) => ({
          entries: cursor ? [...(before.entries ?? []), ...items] : items,
          next,
          busy: null,
          problem: null,
        }));
      } catch (error) {
        if (mine === turn.current) setState((before) => ({ ...before, busy: null, problem: sentence(error) }));
      }
    },
    [requests, filter],
  );
  useEffect(() => {
    if (!backwards(filter)) void ask(null);
  }, [ask, filter]);
  useEffect(() => {
    if (live) return desk.onEvent((event) => NOTED.test(event.type) && setOld(true));
  }, [desk, live]);
  return {
    ...state,
    isOld,
    reload: () => ask(null),
    older: () => ask(state.next),
    file: () => requests.file(asked(filter, Date.now())),
  };
}
