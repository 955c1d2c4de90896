// What went wrong lately, one row a kind, with how often and what became of it.

import type { PluginFailure } from "@deskbell/client";
import { lately } from "@deskbell/ui";
import { useNow } from "../../desk/useDesk.ts";
import { hrefTo } from "../../desk/useRoute.ts";
import { failureSentence } from "../../parts/words.ts";
import { CARD, Part } from "../Heading.tsx";
import { failureWord } from "./words.ts";

const MEANWHILE: Record<string, string> = {
  routing: "the next one decided: another plugin, or the team's own way",
  variables: "the variable stayed open, and nothing was sent",
  bot: "the chat went to people, with the reason in a note",
  events: "the event waits, and is told again for a day",
  webhook: "what was sent waits, and is shown to it again for a day; what was turned away is gone",
  context: "the chat was shown without its cards",
  filter: "the message passed with a mark, or was not taken yet, as you have chosen",
};

export function Failures({ all }: { all: readonly PluginFailure[] }) {
  const now = useNow(60_000);
  const sorted = [...all].sort((a, b) => (a.last_at < b.last_at ? 1 : -1));
  return (
    <Part title="Last failures" text={sorted.length === 0 && "None. When one happens, it is told here in words."}>
      {sorted.length > 0 && (
        <ul className={`${CARD} divide-y divide-line`}>
          {sorted.map((it) => (
            <li key={`${it.hook} ${it.code}`} className="grid gap-1 p-4">
              <p className="flex flex-wrap items-baseline gap-x-3">
                <span className="font-semibold text-danger-text">{failureWord(it.code)}</span>
                <span className="text-small text-muted tabular-nums">
                  {it.count === 1 ? "Once" : `${it.count} times, last`}{" "}
                  <time dateTime={it.last_at}>{lately(it.last_at, now)}</time>
                </span>
                <span className="flex-1" />
                {it.conversation_id && (
                  <a
                    className="rounded-control text-small text-accent-text underline"
                    href={hrefTo({ view: "mine", conversationId: it.conversation_id })}
                  >
                    Show the chat
                  </a>
                )}
              </p>
              <p className="max-w-prose wrap-anywhere">{failureSentence(it.detail)}</p>
              <p className="text-small text-muted">Meanwhile {MEANWHILE[it.hook] ?? "the desk went on without it"}.</p>
            </li>
          ))}
        </ul>
      )}
    </Part>
  );
}
