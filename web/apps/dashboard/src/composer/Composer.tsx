// Where one answers: reply or note, saved replies with "/", a draft for each chat.

import { type CannedResponse, type Conversation, type Shelf, TYPING_EVERY_MS } from "@deskbell/client";
import { send } from "@deskbell/ui/icons";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useDesk } from "../desk/useDesk.ts";
import { Button } from "../parts/Button.tsx";
import { Picker } from "./Picker.tsx";
import { missingIn, slashQuery } from "./saved.ts";

const MOST = 4_000;
const PANEL = "composer-text";

type Tab = "reply" | "note";

interface Props {
  conversation: Conversation;
  shelf: Shelf;
}

export function Composer({ conversation, shelf }: Props) {
  const desk = useDesk();
  const { id, status } = conversation;
  const canReply = status === "active";
  const [wanted, setTab] = useState<Tab>("reply");
  const tab = canReply ? wanted : "note";
  const [text, setText] = useDraft(shelf, id);
  const [used, setUsed] = useState<{ id: string; text: string } | null>(null);
  const [picking, setPicking] = useState(true);
  const box = useRef<HTMLTextAreaElement>(null);
  const writing = useWriting(id, tab === "reply");
  useGrow(box, text);

  const query = tab === "reply" && picking ? slashQuery(text) : null;
  const missing = tab === "reply" ? missingIn(text) : [];
  const tooLong = [...text].length - MOST;
  const ready = text.trim() !== "" && tooLong <= 0 && missing.length === 0 && query === null;

  const change = (value: string) => {
    setText(value);
    if (!value.startsWith("/")) setPicking(true);
    writing(value !== "");
  };
  const submit = () => {
    if (!ready) return;
    const whole = text.trim();
    // Unchanged it goes out as the saved reply, so that its use is counted.
    const cannedResponseId = tab === "reply" && used?.text.trim() === whole ? used.id : null;
    desk.write({
      conversationId: id,
      text: whole,
      private: tab === "note",
      ...(cannedResponseId && { cannedResponseId }),
    });
    setUsed(null);
    change("");
  };
  const choose = (tab: Tab) => {
    setTab(tab);
    box.current?.focus();
  };
  const fill = (response: CannedResponse, filled: string) => {
    setUsed({ id: response.id, text: filled });
    change(filled);
    box.current?.focus();
  };

  const note = tab === "note";
  return (
    <div className="relative shrink-0 px-3 pt-2 pb-3 views:px-6 views:pb-4">
      {query !== null && (
        <Picker conversationId={id} query={query} box={box} onPick={fill} onLeave={() => setPicking(false)} />
      )}
      <form
        className={`mx-auto max-w-176 rounded-card border ${note ? "border-note-line bg-note-tint" : "border-control bg-surface"} focus-within:border-accent-text focus-within:outline-1 focus-within:outline-accent-text`}
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <div
          className="flex gap-1 px-2 pt-1.5"
          role="tablist"
          aria-label="Reply or note"
          onKeyDown={(event) => {
            if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
            const other = event.currentTarget.querySelector<HTMLElement>("[aria-selected=false]:enabled");
            if (!other) return;
            setTab(note ? "reply" : "note");
            other.focus();
          }}
        >
          <TabButton name="Reply" here={!note} disabled={!canReply} focus="reply" onPick={() => choose("reply")} />
          <TabButton name="Note" here={note} focus="note" onPick={() => choose("note")} />
        </div>
        <div role="tabpanel" id={PANEL} aria-label={note ? "Note" : "Reply"}>
          <textarea
            ref={box}
            rows={2}
            value={text}
            dir="auto"
            aria-label={note ? "Note for colleagues" : "Reply to the visitor"}
            placeholder={note ? "Only colleagues see this" : "Write a reply, or / for saved ones"}
            className="block max-h-50 w-full resize-none bg-transparent px-3 py-1.5 text-heading outline-none phone:text-body"
            onChange={(event) => change(event.target.value)}
            onKeyDown={(event) => {
              if (query !== null || event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
              event.preventDefault();
              submit();
            }}
          />
        </div>
        <div className="flex items-center gap-3 px-2 pb-2">
          <p className="min-w-0 flex-1 pl-1 text-small text-muted">
            {missing.length > 0 ? (
              <span role="alert" className="text-warning-text">
                No value for {missing.join(", ")}. Put it in by hand.
              </span>
            ) : tooLong > 0 ? (
              <span role="alert" className="text-danger-text">
                {tooLong} characters too many. Shorten it or send it in two parts.
              </span>
            ) : query !== null ? null : (
              <span className="hidden @roomy:inline">
                <kbd>Enter</kbd> {note ? "adds it" : "sends"}, <kbd>Shift Enter</kbd> is a new line
              </span>
            )}
          </p>
          <Button type="submit" kind={ready && !note ? "filled" : "plain"} icon={send} disabled={!ready}>
            {note ? "Add note" : "Send"}
          </Button>
        </div>
      </form>
    </div>
  );
}

interface TabProps {
  name: string;
  here: boolean;
  disabled?: boolean;
  focus: Tab;
  onPick(): void;
}

function TabButton({ name, here, disabled = false, focus, onPick }: TabProps) {
  return (
    <button
      type="button"
      role="tab"
      aria-selected={here}
      aria-controls={PANEL}
      disabled={disabled}
      data-focus={focus}
      onClick={onPick}
      className={`rounded-control px-2 py-1 text-small font-medium disabled:opacity-50 ${here ? "bg-hover text-ink" : "text-muted hover:text-ink"}`}
    >
      {name}
    </button>
  );
}

/** A draft of its own for each chat, kept over a reload. */
function useDraft(shelf: Shelf, id: string): [string, (text: string) => void] {
  const key = `deskbell.draft.${id}`;
  const [text, setText] = useState(() => shelf.get(key) ?? "");
  const change = (value: string) => {
    setText(value);
    if (value === "") shelf.remove(key);
    else shelf.set(key, value);
  };
  return [text, change];
}

/** From two lines to ten. */
function useGrow(box: React.RefObject<HTMLTextAreaElement | null>, text: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the height follows the text.
  useLayoutEffect(() => {
    const it = box.current;
    if (!it) return;
    it.style.height = "auto";
    it.style.height = `${it.scrollHeight}px`;
  }, [box, text]);
}

const STILL_MS = 5_000;

/** "On" at most every few seconds, "off" after a pause; never for a note. */
function useWriting(id: string, isReply: boolean): (on: boolean) => void {
  const desk = useDesk();
  const toldAt = useRef(0);
  const still = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(still.current), []);
  return (on) => {
    clearTimeout(still.current);
    if (!on || !isReply) {
      if (toldAt.current > 0) desk.writing(id, false);
      toldAt.current = 0;
      return;
    }
    if (Date.now() - toldAt.current >= TYPING_EVERY_MS) {
      toldAt.current = Date.now();
      desk.writing(id, true);
    }
    still.current = setTimeout(() => {
      toldAt.current = 0;
      desk.writing(id, false);
    }, STILL_MS);
  };
}
