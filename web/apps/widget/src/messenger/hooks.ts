// What ties the client's stores and the browser's own events to rendering.

import type { Link, Readable } from "@deskbell/client";
import { useEffect, useRef, useState } from "preact/hooks";

export function useStore<State>(store: Readable<State>): State {
  const [state, setState] = useState(store.get);
  useEffect(() => {
    setState(() => store.get());
    return store.subscribe(() => setState(() => store.get()));
  }, [store]);
  return state;
}

/** The time of day, fresh every so often, for what says "4 min". */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}

const QUIET_MS = 2_000;

/** True once the line has been gone for more than two seconds: no flicker. */
export function useOffline(link: Link): boolean {
  const [offline, setOffline] = useState(false);
  const gone = link === "connecting" || link === "waiting";
  useEffect(() => {
    if (!gone) {
      setOffline(false);
      return;
    }
    const timer = setTimeout(() => setOffline(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, [gone]);
  return offline;
}

/** Somebody is looking at this page. */
export function useLooking(): boolean {
  const [looking, setLooking] = useState(() => !document.hidden);
  useEffect(() => {
    const look = () => setLooking(!document.hidden);
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  return looking;
}

/**
 * Puts the cursor where one goes on, whenever the panel opens or the screen
 * changes. With a finger no keyboard comes up before it is asked for.
 */
export function useStartingPoint(open: boolean, screen: string, selector: string): void {
  useEffect(() => {
    if (!open) return;
    const touch = window.matchMedia("(pointer: coarse)").matches;
    document.querySelector<HTMLElement>(touch ? "h1" : selector)?.focus();
  }, [open, screen, selector]);
}

/** What had the focus is gone: on to where one writes, or, with a finger, to what is said. */
export function goOn(): void {
  const touch = window.matchMedia("(pointer: coarse)").matches;
  document.querySelector<HTMLElement>(touch ? ".talk" : ".composer textarea")?.focus();
}

/**
 * Keeps a scrolled box at its end while it or what is in it changes, unless the
 * reader has scrolled up.
 */
export function useStayAtEnd<Box extends HTMLElement>() {
  const box = useRef<Box>(null);
  useEffect(() => {
    const it = box.current;
    if (!it) return;
    let atEnd = true;
    const stay = () => {
      if (atEnd) it.scrollTop = it.scrollHeight;
    };
    const look = () => {
      atEnd = it.scrollHeight - it.scrollTop - it.clientHeight < 48;
    };
    const size = new ResizeObserver(stay);
    const content = new MutationObserver(stay);
    size.observe(it);
    content.observe(it, { childList: true, subtree: true, characterData: true });
    it.addEventListener("scroll", look, { passive: true });
    return () => {
      size.disconnect();
      content.disconnect();
      it.removeEventListener("scroll", look);
    };
  }, []);
  return box;
}
