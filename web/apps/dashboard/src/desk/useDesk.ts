// The desk and its stores, as hooks.

import type { Desk, DeskState, Readable } from "@deskbell/client";
import { createContext, use, useEffect, useState, useSyncExternalStore } from "react";

export const DeskContext = createContext<Desk | null>(null);

export function useDesk(): Desk {
  const desk = use(DeskContext);
  if (!desk) throw new Error("There is no desk around this component.");
  return desk;
}

export function useStore<State>(store: Readable<State>): State {
  return useSyncExternalStore(store.subscribe, store.get);
}

export function useDeskState(): DeskState {
  return useStore(useDesk().state);
}

/** Admins and owners: as the server has it, which decides. */
export function useMayAdminister(): boolean {
  const role = useDeskState().me?.role;
  return role === "admin" || role === "owner";
}

/** The time of day, fresh every so often, for what says "4 min". */
export function useNow(everyMs = 15_000): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

/** Somebody is looking at this page. */
export function useLooking(): boolean {
  return useSyncExternalStore(
    (changed) => {
      document.addEventListener("visibilitychange", changed);
      return () => document.removeEventListener("visibilitychange", changed);
    },
    () => !document.hidden,
  );
}
