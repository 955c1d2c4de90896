// Where the visitor is: the page, the language, the time of day there.

import type { Conversation, ConversationContext } from "@deskbell/client";
import { useEffect, useState } from "react";
import { useDesk, useNow, useStore } from "../desk/useDesk.ts";
import { languageName, localTime, shortAddress } from "./place.ts";

type Visitor = ConversationContext["visitor"];

/** Null until it is known; asked again when the visitor's page opens or closes. */
export function useVisitor(conversation: Conversation): Visitor | null {
  const desk = useDesk();
  const live = useStore(desk.link) === "live";
  const online = useStore(desk.present)[conversation.id];
  const [visitor, setVisitor] = useState<Visitor | null>(null);
  const { id, public_seq } = conversation;
  // biome-ignore lint/correctness/useExhaustiveDependencies: whoever comes, goes or writes may be elsewhere now.
  useEffect(() => {
    if (!live) return;
    let wanted = true;
    desk.ask("GET", "/api/v1/conversations/{id}/context", { path: { id } }).then(
      (context) => wanted && setVisitor(context.visitor),
      // What is not known is only left out.
      () => undefined,
    );
    return () => {
      wanted = false;
    };
  }, [desk, live, id, online, public_seq]);
  return visitor;
}

/** The lines of it, for a list of facts. */
export function visitorFacts(visitor: Visitor, now: number): { name: string; value: React.ReactNode }[] {
  const { page, locale, time_zone } = visitor;
  const there = time_zone ? localTime(time_zone, now) : null;
  return [
    ...(page
      ? [
          {
            name: "Page",
            value: (
              <a
                href={page.url}
                target="_blank"
                rel="noreferrer noopener"
                title={page.url}
                className="line-clamp-2 rounded-control text-accent-text underline"
              >
                {page.title || shortAddress(page.url)}
              </a>
            ),
          },
        ]
      : []),
    ...(page?.referrer ? [{ name: "Came from", value: shortAddress(page.referrer) }] : []),
    ...(locale ? [{ name: "Language", value: languageName(locale) }] : []),
    ...(there ? [{ name: "Time there", value: there.apart ? `${there.time}, ${there.apart}` : there.time }] : []),
  ];
}

export function useVisitorFacts(conversation: Conversation) {
  const visitor = useVisitor(conversation);
  const now = useNow(30_000);
  return visitor ? visitorFacts(visitor, now) : [];
}
