// What is known beside the chat: who, the order, what other systems know, earlier
// chats, and why it came here.

import type { Conversation } from "@deskbell/client";
import { ago, visitorName } from "@deskbell/ui";
import { verified as verifiedIcon } from "@deskbell/ui/icons";
import { type ReactNode, useEffect } from "react";
import { useDesk, useDeskState, useNow, useStore } from "../desk/useDesk.ts";
import { hrefTo, useRoute } from "../desk/useRoute.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { Chip } from "../parts/Chip.tsx";
import { Icon } from "../parts/Icon.tsx";
import { attributeName, attributeText, PRIORITY, STATUS } from "../parts/words.ts";
import { Cards } from "./Cards.tsx";
import { useVisitorFacts } from "./Visitor.tsx";
import { Why } from "./Why.tsx";

const FACTS = "grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5";

export function Context({ conversation }: { conversation: Conversation }) {
  const { inboxes, me, teams } = useDeskState();
  const { contact } = conversation;
  const holder = conversation.assignee;
  const why = holder && holder.id !== me?.id ? `Why did ${holder.name} get this?` : "Why did I get this?";
  const attributes = Object.entries(conversation.attributes).sort(
    ([a], [b]) => Number(b === "order_id") - Number(a === "order_id"),
  );
  const where = useVisitorFacts(conversation);
  return (
    <div className="grid grid-cols-1 gap-6 p-4">
      <section aria-label="Contact" className="flex gap-3">
        <Avatar name={contact.name ?? contact.email} />
        <div className="min-w-0 flex-1">
          <p className="line-clamp-3 font-semibold wrap-anywhere" dir="auto">
            {visitorName(contact)}
          </p>
          <p className="truncate text-muted">{contact.email ?? "No e-mail address"}</p>
          <Presence conversation={conversation} />
          <p className="flex gap-1 pt-1.5">
            {contact.verified ? (
              <Chip tone="success">
                <Icon path={verifiedIcon} className="mr-1" />
                Verified
              </Chip>
            ) : (
              (contact.name || contact.email) && (
                <span title="The visitor typed this. Nobody has checked it.">
                  <Chip tone="warning">Claimed, not verified</Chip>
                </span>
              )
            )}
            {contact.vip && <Chip tone="note">VIP</Chip>}
          </p>
        </div>
      </section>
      {attributes.length > 0 && (
        <Part title="What the page said">
          <dl className={FACTS}>
            {attributes.map(([name, value]) => (
              <Fact key={name} name={attributeName(name)}>
                <span className="font-mono">{attributeText(value)}</span>
              </Fact>
            ))}
          </dl>
        </Part>
      )}
      {where.length > 0 && (
        <Part title="Visitor">
          <dl className={FACTS}>
            {where.map(({ name, value }) => (
              <Fact key={name} name={name}>
                {value}
              </Fact>
            ))}
          </dl>
        </Part>
      )}
      <Part title="Chat">
        <dl className={FACTS}>
          {conversation.category && <Fact name="Category">{conversation.category}</Fact>}
          {conversation.subject && <Fact name="Subject">{conversation.subject}</Fact>}
          <Fact name="Priority">{PRIORITY[conversation.priority]?.word ?? "Medium"}</Fact>
          <Fact name="Team">{teams[conversation.team_id ?? ""]?.name ?? "None"}</Fact>
          <Fact name="Inbox">{inboxes[conversation.inbox_id]?.name ?? "Unknown"}</Fact>
        </dl>
      </Part>
      <Cards key={conversation.id} conversation={conversation} />
      <Earlier conversation={conversation} />
      <Part title={why}>
        <Why conversation={conversation} />
      </Part>
    </div>
  );
}

/** Only what is known: nothing until a signal has told. */
function Presence({ conversation }: { conversation: Conversation }) {
  const online = useStore(useDesk().present)[conversation.id];
  if (online === undefined || !["queued", "active"].includes(conversation.status)) return null;
  return <p className="text-small text-muted">{online ? "On the page now" : "Has left the page"}</p>;
}

export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="grid min-w-0 grid-cols-1 gap-2">
      <h3 className="text-small font-medium text-muted">{title}</h3>
      {children}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 text-right wrap-anywhere" dir="auto">
        {children}
      </dd>
    </>
  );
}

function Earlier({ conversation }: { conversation: Conversation }) {
  const desk = useDesk();
  const { view } = useRoute();
  const now = useNow(60_000);
  const { conversations } = useDeskState();
  const contact = conversation.contact.id;
  useEffect(() => {
    // A list that does not load is only left out.
    desk.loadConversations({ contact_id: contact }).catch(() => undefined);
  }, [desk, contact]);
  const earlier = Object.values(conversations)
    .filter((it) => it.contact.id === contact && it.id !== conversation.id)
    .sort((a, b) => (a.created_at < b.created_at ? 1 : -1));
  if (earlier.length === 0) return null;
  return (
    <Part title="Other chats with this contact">
      <ul className="grid gap-1">
        {earlier.slice(0, 5).map((it) => (
          <li key={it.id}>
            <a
              href={hrefTo({ view, conversationId: it.id })}
              className="-mx-2 flex items-center gap-2 rounded-control px-2 py-1 hover:bg-hover"
            >
              <span className="min-w-0 flex-1 truncate" dir="auto">
                {it.subject ?? it.last_message ?? "Chat"}
              </span>
              <Chip tone={STATUS[it.status].tone}>{STATUS[it.status].word}</Chip>
              <time dateTime={it.created_at} className="text-small text-muted">
                {ago(it.created_at, now)}
              </time>
            </a>
          </li>
        ))}
      </ul>
    </Part>
  );
}
