// Plugins are asked for when their screen is open, and again whenever an event
// says that something about them changed.

import { sentence } from "@deskbell/client";
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

export function usePlugins<Answer>(load: (requests: PluginRequests) => Promise<Answer>): Loaded<Answer> {
  const desk = useDesk();
  const live = useStore(desk.link) === "live";
  const requests = usePluginRequests();
  const [data, setData] = useState<Answer | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
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
      if (ABOUT_PLUGINS.test(event.type)) void reload();
    });
    return () => {
      stop();
      asked.current++;
    };
  }, [desk, live, reload]);
  return { data, problem, reload };
}
