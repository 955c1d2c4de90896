// Follows a plugin's log: asks for what came after the last line, and the server
// answers when there is something. Nobody asks while the page is not looked at.

import { type PluginLogLine, sentence } from "@deskbell/client";
import { useEffect, useRef, useState } from "react";
import { useDesk, useLooking, useStore } from "../../desk/useDesk.ts";
import { appended } from "./log-lines.ts";
import { usePluginRequests } from "./usePlugins.ts";

const AGAIN_MS = 3_000;

export function useLog(installation: string, paused: boolean) {
  const requests = usePluginRequests();
  const live = useStore(useDesk().link) === "live";
  const looking = useLooking();
  const [lines, setLines] = useState<readonly PluginLogLine[]>([]);
  const [loaded, setLoaded] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const after = useRef<string | null>(null);
  const following = live && looking && !paused;
  useEffect(() => {
    if (!following) return;
    const leaving = new AbortController();
    const { signal } = leaving;
    const follow = async () => {
      while (!signal.aborted) {
        try {
          const page = await requests.log(installation, after.current, signal);
          if (signal.aborted) return;
          after.current = page.next_cursor ?? after.current;
          setLines((before) => appended(before, page.items));
          setLoaded(true);
          setProblem(null);
        } catch (error) {
          if (signal.aborted) return;
          setProblem(sentence(error));
          await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
        }
      }
    };
    void follow();
    return () => leaving.abort();
  }, [requests, installation, following]);
  return { lines, problem, loaded };
}
