// What the plugin was asked lately, what came of it, and what it cost.

import { type PluginCall, sentence } from "@deskbell/client";
import { lately } from "@deskbell/ui";
import { reopen } from "@deskbell/ui/icons";
import { useCallback, useEffect, useState } from "react";
import { useNow } from "../../desk/useDesk.ts";
import { hrefTo } from "../../desk/useRoute.ts";
import { Button } from "../../parts/Button.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { briefly } from "../../parts/words.ts";
import { CARD, Part } from "../Heading.tsx";
import { usePluginRequests } from "./usePlugins.ts";
import { hookShort, outcomeWord } from "./words.ts";

const FIRST = 10;

export function Calls({ installation }: { installation: string }) {
  const requests = usePluginRequests();
  const now = useNow(15_000);
  const [all, setAll] = useState<readonly PluginCall[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const [whole, setWhole] = useState(false);
  const load = useCallback(
    () =>
      requests.calls(installation).then(
        (found) => {
          setAll(found);
          setProblem(null);
        },
        (error) => setProblem(sentence(error)),
      ),
    [requests, installation],
  );
  useEffect(() => void load(), [load]);
  const shown = whole ? all : all.slice(0, FIRST);
  return (
    <Part
      title="Recent calls"
      text={all.length === 0 && !problem && "None yet. Each question the plugin is asked is listed here."}
      aside={
        <Button icon={reopen} onClick={() => void load()}>
          Load again
        </Button>
      }
    >
      {problem && (
        <Notice tone="warning">
          <p>The calls did not load. {problem}</p>
        </Notice>
      )}
      {all.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled box must be reachable by keyboard.
        <section aria-label="Recent calls" tabIndex={0} className={`${CARD} overflow-x-auto -outline-offset-2`}>
          <table className="w-full border-collapse text-small">
            <thead>
              <tr className="border-b border-line text-left text-muted">
                <th className="px-4 py-2 font-normal">When</th>
                <th className="px-2 py-2 font-normal">What</th>
                <th className="px-2 py-2 font-normal">Outcome</th>
                <th className="px-2 py-2 text-right font-normal">Took</th>
                <th className="px-2 py-2 text-right font-normal">CPU</th>
                <th className="px-4 py-2 font-normal">Chat</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((it) => (
                <Call key={it.call_id} call={it} now={now} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      {shown.length < all.length && (
        <Button className="justify-self-start" onClick={() => setWhole(true)}>
          Show all {all.length} calls
        </Button>
      )}
    </Part>
  );
}

function Call({ call, now }: { call: PluginCall; now: number }) {
  const failed = call.outcome !== "ok";
  return (
    <tr className="border-b border-line last:border-0">
      <td className="px-4 py-2 whitespace-nowrap text-muted tabular-nums">
        <time dateTime={call.at} title={new Date(call.at).toLocaleString()}>
          {lately(call.at, now)}
        </time>
      </td>
      <td className="px-2 py-2 whitespace-nowrap">{hookShort(call.hook)}</td>
      <td className={`min-w-32 px-2 py-2 wrap-anywhere ${failed ? "font-medium text-danger-text" : ""}`}>
        {outcomeWord(call.outcome)}
      </td>
      <td className="px-2 py-2 text-right whitespace-nowrap tabular-nums">{briefly(call.wall_us)}</td>
      <td className="px-2 py-2 text-right whitespace-nowrap tabular-nums">{briefly(call.cpu_us)}</td>
      <td className="px-4 py-2 whitespace-nowrap">
        {call.conversation_id ? (
          <a
            className="rounded-control text-accent-text underline"
            href={hrefTo({ view: "mine", conversationId: call.conversation_id })}
          >
            Show
          </a>
        ) : (
          <span className="text-muted">None</span>
        )}
      </td>
    </tr>
  );
}
