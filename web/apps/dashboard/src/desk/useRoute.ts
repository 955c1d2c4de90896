// Where one is, kept in the address: `#/queue/conv_…/17`. So back works, and a link
// to a chat can be sent to a colleague.

import { useMemo, useSyncExternalStore } from "react";
import { VIEWS, type View } from "./lists.ts";

export interface Route {
  view: View;
  conversationId: string | null;
  /** The message one came for. */
  seq?: number;
}

export function routeOf(hash: string): Route {
  const [, view = "", conversationId = "", seq = ""] = hash.split("/");
  return {
    view: Object.hasOwn(VIEWS, view) ? (view as View) : "mine",
    conversationId: conversationId.startsWith("conv_") ? conversationId : null,
    ...(Number(seq) > 0 ? { seq: Number(seq) } : {}),
  };
}

export function hrefTo({ view, conversationId, seq }: Route): string {
  return `#/${[view, conversationId, conversationId && seq].filter(Boolean).join("/")}`;
}

export function goTo(route: Route): void {
  location.hash = hrefTo(route);
}

export function useHash(): string {
  return useSyncExternalStore(
    (changed) => {
      window.addEventListener("hashchange", changed);
      return () => window.removeEventListener("hashchange", changed);
    },
    () => location.hash,
  );
}

export function useRoute(): Route {
  const hash = useHash();
  return useMemo(() => routeOf(hash), [hash]);
}
