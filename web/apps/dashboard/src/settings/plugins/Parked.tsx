// Events, and posts to its webhooks, that a plugin did not take within a day: told again, or thrown away. Where
// there are none, there is nothing here.

import { type ParkedEvent, sentence } from "@deskbell/client";
import { lately } from "@deskbell/ui";
import { useCallback, useEffect, useState } from "react";
import { useNow } from "../../desk/useDesk.ts";
import { hrefTo } from "../../desk/useRoute.ts";
import { Button } from "../../parts/Button.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { failureSentence } from "../../parts/words.ts";
import { CARD, Part } from "../Heading.tsx";
import { usePluginRequests } from "./usePlugins.ts";
import { eventWords } from "./words.ts";

export function Parked({ installation }: { installation: string }) {
  const requests = usePluginRequests();
  const now = useNow(60_000);
  const [all, setAll] = useState<readonly ParkedEvent[]>([]);
  const [busy, setBusy] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const load = useCallback(
    () => requests.parked(installation).then(setAll, (error) => setProblem(`They did not load. ${sentence(error)}`)),
    [requests, installation],
  );
  useEffect(() => void load(), [load]);
  const act = async (id: string, what: (installation: string, id: string) => Promise<unknown>) => {
    setBusy(id);
    setProblem(null);
    try {
      await what(installation, id);
      setAll((before) => before.filter((it) => it.id !== id));
    } catch (error) {
      setProblem(`Nothing changed. ${sentence(error)}`);
    } finally {
      setBusy(null);
    }
  };
  if (all.length === 0 && !problem) return null;
  return (
    <Part
      title="Events set aside"
      text="The plugin was told of each for a day and did not take it. They are kept for seven days, and what came by a webhook for one."
    >
      {problem && (
        <Notice tone="warning">
          <p>{problem}</p>
        </Notice>
      )}
      {all.length > 0 && (
        <ul aria-label="Events set aside" className={`${CARD} divide-y divide-line`}>
          {all.map((it) => (
            <li key={it.id} className="flex flex-wrap items-start gap-x-4 gap-y-2 p-4">
              <div className="grid min-w-0 flex-[1_1_16rem] gap-1">
                <p className="flex flex-wrap items-baseline gap-x-3">
                  <span className="font-medium" title={it.type}>
                    {eventWords(it.type)}
                  </span>
                  <span className="text-small text-muted tabular-nums">
                    <time dateTime={it.occurred_at}>{lately(it.occurred_at, now)}</time>, told {it.attempts} times
                  </span>
                </p>
                <p className="max-w-prose wrap-anywhere">{failureSentence(it.error)}</p>
                {it.conversation_id && (
                  <a
                    className="justify-self-start rounded-control text-small text-accent-text underline"
                    href={hrefTo({ view: "mine", conversationId: it.conversation_id })}
                  >
                    Show the chat
                  </a>
                )}
              </div>
              <div className="ml-auto flex gap-2">
                <Button disabled={busy === it.id} onClick={() => void act(it.id, requests.discardParked)}>
                  Discard event
                </Button>
                <Button disabled={busy === it.id} onClick={() => void act(it.id, requests.retryParked)}>
                  Tell it again
                </Button>
              </div>
            </li>
          ))}
        </ul>
      )}
    </Part>
  );
}
