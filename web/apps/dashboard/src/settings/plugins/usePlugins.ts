// Plugins are asked for when their screen is open, and again whenever an event
// says that something about them changed.

import { type AgentEvent, sentence } from "@deskbell/client";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useDesk, useStore } from "../../desk/useDesk.ts";
import { type PluginRequests, pluginRequests } from "./requests.ts";

export const ABOUT_PLUGINS = /^(plugin|installation)\./;

export interface Loaded<Answer> {
  data: Answer | null;
  /** Why there is nothing, or nothing newer. */
  problem: string | null;
  reload(): Promise<void>;
}

export function usePluginRequests(): PluginRequests {
  const desk = useDesk();
  return useMemo(() => pluginRequests(desk), [desk]);
}

/** `gone` ends it: what the event tells of is not there to be asked for any more. */
export function usePlugins<Answer>(
  load: (requests: PluginRequests) => Promise<Answer>,
  gone?: (event: AgentEvent) => boolean,
): Loaded<Answer> & { isGone: boolean } {
  const desk = useDesk();
  const live = useStore(desk.link) === "live";
  const requests = usePluginRequests();
  const [data, setData] = useState<Answer | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isGone, setGone] = useState(false);
  // An answer that was overtaken by a later question is not news.
  const asked = useRef(0);
  const reload = useCallback(async () => {
    const mine = ++asked.current;
    try {
      const answer = await load(requests);
      if (mine !== asked.current) return;
      setData(answer);
      setProblem(null);
    } catch (error) {
      if (mine === asked.current) setProblem(sentence(error));
    }
  }, [load, requests]);
  useEffect(() => {
    if (!live) return;
    void reload();
    const stop = desk.onEvent((event) => {
      if (gone?.(event)) setGone(true);
      else if (ABOUT_PLUGINS.test(event.type)) void reload();
    });
    return () => {
      stop();
      asked.current++;
    };
  }, [desk, live, reload, gone]);
  return { data, problem, reload, isGone };
}
