// Saved replies: everybody reads them, admins write them.

import { type CannedResponse, sentence } from "@deskbell/client";
import { lately } from "@deskbell/ui";
import { plus, saved, search as searchIcon } from "@deskbell/ui/icons";
import { useState } from "react";
import { useDesk, useDeskState, useMayAdminister, useNow } from "../../desk/useDesk.ts";
import { Button } from "../../parts/Button.tsx";
import { Empty, Skeletons } from "../../parts/Empty.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { Switch } from "../../parts/Switch.tsx";
import { CARD, Heading } from "../Heading.tsx";
import { Editor } from "./Editor.tsx";
import { changeReply } from "./requests.ts";

export function Replies() {
  const { cannedResponses, me } = useDeskState();
  const admin = useMayAdminister();
  const [words, setWords] = useState("");
  const [edited, setEdited] = useState<CannedResponse | "new" | null>(null);
  const all = Object.values(cannedResponses).sort((a, b) => a.shortcut.localeCompare(b.shortcut));
  const wanted = words.trim().toLocaleLowerCase();
  const found = all.filter((it) => `/${it.shortcut} ${it.title} ${it.text}`.toLocaleLowerCase().includes(wanted));
  return (
    <>
      <Heading
        title="Saved replies"
        text={
          <p>
            Type <kbd>/</kbd> and the shortcut while you write a reply. What stands in double braces is filled in for
            each chat.
          </p>
        }
      >
        {admin && (
          <Button kind="filled" icon={plus} onClick={() => setEdited("new")}>
            New saved reply
          </Button>
        )}
      </Heading>
      {!me ? (
        <Skeletons count={4} />
      ) : all.length === 0 ? (
        <div className={CARD}>
          <Empty icon={saved} title="No saved replies yet">
            {admin
              ? "Write down what you say every day, once. It appears here and above the composer."
              : "An admin writes them. They appear here and above the composer."}
          </Empty>
        </div>
      ) : (
        <div className="grid gap-3">
          <label className="flex h-8 items-center gap-2 rounded-control border border-line bg-surface px-2 focus-within:border-accent-text phone:max-w-72">
            <Icon path={searchIcon} className="text-muted" />
            <input
              type="search"
              value={words}
              aria-label="Search saved replies"
              placeholder="Search saved replies"
              className="w-full bg-transparent outline-none"
              onChange={(event) => setWords(event.target.value)}
            />
          </label>
          {found.length === 0 ? (
            <p className="text-muted">Nothing found. Try other words, or fewer.</p>
          ) : (
            <ul aria-label="Saved replies" className={`${CARD} divide-y divide-line`}>
              {found.map((it) => (
                <Line key={it.id} response={it} admin={admin} onEdit={() => setEdited(it)} />
              ))}
            </ul>
          )}
        </div>
      )}
      {edited && <Editor response={edited === "new" ? null : edited} onClose={() => setEdited(null)} />}
    </>
  );
}

function Line({ response: it, admin, onEdit }: { response: CannedResponse; admin: boolean; onEdit(): void }) {
  const now = useNow(60_000);
  const used = it.used_count === 0 ? "Not used yet" : `Used ${it.used_count === 1 ? "once" : `${it.used_count} times`}`;
  return (
    <li className="flex items-start gap-4 px-4 py-3">
      <div className="min-w-0 flex-1">
        <h2 className="flex flex-wrap items-baseline gap-x-2">
          {admin ? (
            <button type="button" className="rounded-control font-semibold hover:underline" onClick={onEdit}>
              /{it.shortcut}
            </button>
          ) : (
            <span className="font-semibold">/{it.shortcut}</span>
          )}
          <span className="min-w-0 text-muted wrap-anywhere" dir="auto">
            {it.title}
          </span>
        </h2>
        <p className="line-clamp-2 wrap-anywhere" dir="auto">
          {it.text}
        </p>
        <p className="pt-0.5 text-small text-muted tabular-nums">
          {used}
          {it.last_used_at && `, last ${lately(it.last_used_at, now)}`}
        </p>
      </div>
      {admin ? <OnOff response={it} /> : !it.enabled && <span className="text-small text-muted">Off</span>}
    </li>
  );
}

function OnOff({ response }: { response: CannedResponse }) {
  const desk = useDesk();
  const [wanted, setWanted] = useState<boolean | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const on = wanted ?? response.enabled;
  const change = async (enabled: boolean) => {
    setWanted(enabled);
    setProblem(null);
    try {
      await changeReply(desk, response, { enabled });
    } catch (error) {
      setProblem(sentence(error));
    } finally {
      setWanted(null);
    }
  };
  return (
    <div className="grid justify-items-end gap-1">
      <span className="flex items-center gap-2">
        <span className="text-small text-muted" aria-hidden="true">
          {on ? "On" : "Off"}
        </span>
        <Switch label={`/${response.shortcut} is on`} on={on} busy={wanted !== null} onChange={change} />
      </span>
      {problem && (
        <p role="alert" className="max-w-48 text-right text-small text-danger-text">
          Not changed. {problem}
        </p>
      )}
    </div>
  );
}
