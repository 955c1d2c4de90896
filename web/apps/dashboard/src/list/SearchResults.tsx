// Messages that were found, with what matched marked.

import { type SearchHit, sentence } from "@deskbell/client";
import { ago, visitorName } from "@deskbell/ui";
import { note, search as searchIcon } from "@deskbell/ui/icons";
import { useEffect, useState } from "react";
import { useDesk, useDeskState, useNow } from "../desk/useDesk.ts";
import { hrefTo, type Route } from "../desk/useRoute.ts";
import { Chip } from "../parts/Chip.tsx";
import { Empty, Failed, Skeletons } from "../parts/Empty.tsx";
import { Icon } from "../parts/Icon.tsx";
import { STATUS } from "../parts/words.ts";

const PAUSE_MS = 200;

export function SearchResults({ words, route }: { words: string; route: Route }) {
  const desk = useDesk();
  const [hits, setHits] = useState<SearchHit[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [tries, setTries] = useState(0);

  // biome-ignore lint/correctness/useExhaustiveDependencies: a try is asked for by its number.
  useEffect(() => {
    let wanted = true;
    const timer = setTimeout(() => {
      desk.search(words).then(
        (found) => {
          if (!wanted) return;
          setHits(found);
          setProblem(null);
        },
        (error) => wanted && setProblem(sentence(error)),
      );
    }, PAUSE_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [desk, words, tries]);

  if (problem) return <Failed what={`Nothing was searched. ${problem}`} onRetry={() => setTries(tries + 1)} />;
  if (hits === null) return <Skeletons count={4} />;
  if (hits.length === 0) {
    return (
      <Empty icon={searchIcon} title="Nothing found">
        Try other words, or fewer. <code>from:ana</code> and <code>status:resolved</code> narrow it down.
      </Empty>
    );
  }
  return (
    <ul aria-label="Found messages">
      {hits.map((hit) => (
        <Hit key={hit.message_id} hit={hit} route={route} />
      ))}
    </ul>
  );
}

function Hit({ hit, route }: { hit: SearchHit; route: Route }) {
  const now = useNow();
  const conversation = useDeskState().conversations[hit.conversation_id];
  const from = hit.sender_name ?? (hit.sender_kind === "visitor" ? "Visitor" : "Desk");
  const selected = hit.conversation_id === route.conversationId && hit.seq === route.seq;
  return (
    <li className="border-b border-line">
      <a
        href={hrefTo({ view: route.view, conversationId: hit.conversation_id, seq: hit.seq })}
        className={`grid gap-0.5 px-4 py-2.5 -outline-offset-2 ${selected ? "bg-accent-tint" : "hover:bg-hover"}`}
      >
        <span className="flex items-center gap-2">
          {hit.private && <Icon path={note} className="text-note-text" />}
          <span className="min-w-0 flex-1 truncate font-medium">
            {conversation ? visitorName(conversation.contact) : from}
          </span>
          <Chip tone={STATUS[hit.status].tone}>{STATUS[hit.status].word}</Chip>
          <time dateTime={hit.created_at} className="text-small text-muted">
            {ago(hit.created_at, now)}
          </time>
        </span>
        <span className="line-clamp-2 text-muted" dir="auto">
          {conversation && `${from}: `}
          {hit.highlight.map((segment, at) =>
            segment.hit ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: a text's pieces have no other name.
              <mark key={at} className="rounded-corner bg-note-tint font-medium text-note-text">
                {segment.text}
              </mark>
            ) : (
              segment.text
            ),
          )}
        </span>
      </a>
    </li>
  );
}
