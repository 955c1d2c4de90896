// What plugins show beside a chat, each under its own name. Where none has anything
// to say, there is nothing here.

import type { Conversation, PluginCards } from "@deskbell/client";
import { external, reopen } from "@deskbell/ui/icons";
import { type ReactNode, useState } from "react";
import { IconButton } from "../parts/Button.tsx";
import { Icon } from "../parts/Icon.tsx";
import { failureSentence } from "../parts/words.ts";
import { useCards } from "./useCards.ts";

type Card = PluginCards["cards"][number];

export function Cards({ conversation }: { conversation: Conversation }) {
  const { items, problem, waiting, busy, refresh } = useCards(conversation);
  if (items === null) {
    if (problem)
      return <Quiet said={`What other systems know did not load. ${problem}`} onRetry={refresh} busy={busy} />;
    return waiting ? <Skeleton /> : null;
  }
  const shown = items.filter((it) => it.cards.length > 0 || it.failure);
  return (
    <>
      {shown.map((it) => (
        <section key={it.installation_id} aria-label={it.plugin.name} className="grid min-w-0 grid-cols-1 gap-2">
          <header className="flex items-center gap-2">
            <h3 className="min-w-0 flex-1 truncate text-small font-medium text-muted">{it.plugin.name}</h3>
            {!it.failure && (
              <IconButton
                label={`Refresh ${it.plugin.name}`}
                path={reopen}
                size={16}
                className="-my-2 disabled:opacity-60"
                aria-disabled={busy}
                onClick={() => busy || refresh()}
              />
            )}
          </header>
          {it.failure && <Quiet said={failureSentence(it.failure.message)} onRetry={refresh} busy={busy} />}
          {it.cards.map((card, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: cards have no id, and come anew all at once.
            <OneCard key={at} card={card} />
          ))}
        </section>
      ))}
      {problem && shown.length > 0 && (
        <Quiet said={`This may be out of date. ${problem}`} onRetry={refresh} busy={busy} />
      )}
    </>
  );
}

function OneCard({ card }: { card: Card }) {
  return (
    <article className="grid min-w-0 gap-2 rounded-card border border-line bg-surface p-3">
      <h4 className="font-semibold wrap-anywhere" dir="auto">
        <Linked to={card.link} className="text-ink">
          {card.title}
        </Linked>
      </h4>
      {card.fields.length > 0 && (
        <dl className="grid gap-1.5">
          {card.fields.map((field, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two fields may have the same label.
            <div key={at} className="flex flex-wrap justify-between gap-x-4">
              <dt className="text-muted wrap-anywhere" dir="auto">
                {field.label}
              </dt>
              <dd className="min-w-0 wrap-anywhere" dir="auto">
                {field.link ? <Linked to={field.link}>{field.value}</Linked> : <Long text={field.value} />}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </article>
  );
}

/** Opens beside the desk, which stays as it is. */
function Linked({
  to,
  className = "text-accent-text",
  children,
}: {
  to: string | null | undefined;
  className?: string;
  children: ReactNode;
}) {
  if (!to || !/^https?:\/\//.test(to)) return children;
  return (
    <a
      href={to}
      target="_blank"
      rel="noreferrer noopener"
      className={`rounded-control underline-offset-2 hover:underline ${className}`}
    >
      {children}
      <span className="whitespace-nowrap">
        &#8288;
        <Icon path={external} className="ml-1 inline-block align-[-2px] text-muted" />
        <span className="sr-only"> (opens in a new tab)</span>
      </span>
    </a>
  );
}

/** More than this is read by whoever wants to. */
const MOST = 240;

function Long({ text }: { text: string }) {
  const [whole, setWhole] = useState(text.length <= MOST);
  if (whole) return text;
  return (
    <>
      {text.slice(0, MOST).trimEnd()}…{" "}
      <button
        type="button"
        className="rounded-control text-accent-text underline underline-offset-2"
        onClick={() => setWhole(true)}
      >
        Show all
      </button>
    </>
  );
}

function Quiet({ said, onRetry, busy }: { said: string; onRetry(): void; busy: boolean }) {
  return (
    <p role="status" className="flex flex-wrap items-baseline gap-x-3 text-small text-muted">
      <span className="line-clamp-3 min-w-0 flex-[1_1_9rem] wrap-anywhere" dir="auto">
        {said}
      </span>
      <button
        type="button"
        aria-disabled={busy}
        onClick={() => busy || onRetry()}
        className="rounded-control font-medium text-accent-text underline underline-offset-2"
      >
        {busy ? "Trying" : "Try again"}
      </button>
    </p>
  );
}

function Skeleton() {
  return (
    <div role="status" aria-label="Asking other systems" className="grid gap-2">
      <div className="skeleton h-3 w-24" />
      <div className="grid gap-3 rounded-card border border-line p-3">
        <div className="skeleton h-3 w-3/5" />
        <div className="skeleton h-3 w-4/5" />
        <div className="skeleton h-3 w-2/5" />
      </div>
    </div>
  );
}
