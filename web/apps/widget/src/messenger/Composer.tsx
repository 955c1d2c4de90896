// The place to write: grows with the text, keeps a draft over a reload, says when
// one is writing.

import { type Shelf, TYPING_EVERY_MS } from "@deskbell/client";
import { send } from "@deskbell/ui/icons";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./Icon.tsx";

const MOST = 4_000;
const STILL_MS = 5_000;
/** The place of a chat that has no id yet. */
export const STARTING = "starting";

interface Props {
  shelf: Shelf;
  /** Drafts of different threads are kept apart. */
  place: string;
  label: string;
  hint: string;
  verb: string;
  /** False keeps the text. */
  onSend(text: string): boolean;
  onWriting?(on: boolean): void;
}

export function Composer({ shelf, place, label, hint, verb, onSend, onWriting }: Props) {
  const key = `draft.${place}`;
  const [text, setText] = useState(() => shelf.get(key) ?? "");
  const box = useRef<HTMLTextAreaElement>(null);
  const writing = useWriting(onWriting);
  const tooLong = [...text].length - MOST;
  const ready = text.trim() !== "" && tooLong <= 0;

  // What was begun while a chat was starting goes on in the chat.
  const before = useRef(key);
  useEffect(() => {
    const started = before.current === `draft.${STARTING}` && key !== before.current;
    const draft = shelf.get(started ? before.current : key) ?? "";
    if (started) shelf.remove(before.current);
    before.current = key;
    setText(draft);
    if (started && draft) shelf.set(key, draft);
  }, [shelf, key]);
  // Another tab sent the draft that is shown here as well: it is not sent twice.
  // What was typed here stays.
  const typed = useRef(false);
  useEffect(
    () =>
      shelf.watch((changed, value) => {
        if (changed === key && value === null && !typed.current) setText("");
      }),
    [shelf, key],
  );
  useLayoutEffect(() => {
    const it = box.current;
    if (!it) return;
    it.style.height = "auto";
    it.style.height = `${it.scrollHeight}px`;
  }, [text]);

  const change = (value: string) => {
    setText(value);
    typed.current = value !== "";
    if (value === "") shelf.remove(key);
    else shelf.set(key, value);
    writing(value !== "");
  };
  const submit = () => {
    if (!ready || !onSend(text.trim())) return;
    change("");
    box.current?.focus();
  };

  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <textarea
        ref={box}
        rows={1}
        value={text}
        placeholder={hint}
        aria-label={label}
        dir="auto"
        onInput={(event) => change(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          submit();
        }}
      />
      <button type="submit" class="send" aria-label={verb} disabled={!ready}>
        <Icon path={send} />
      </button>
      {tooLong > 0 && (
        <p class="wrong" role="alert">
          {tooLong} characters too many. Shorten it or send it in two parts.
        </p>
      )}
    </form>
  );
}

/** "On" at most every few seconds, "off" after a pause. */
function useWriting(tell: ((on: boolean) => void) | undefined): (on: boolean) => void {
  const toldAt = useRef(0);
  const still = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useEffect(() => () => clearTimeout(still.current), []);
  return (on) => {
    clearTimeout(still.current);
    if (!tell) return;
    if (!on) {
      if (toldAt.current > 0) tell(false);
      toldAt.current = 0;
      return;
    }
    if (Date.now() - toldAt.current >= TYPING_EVERY_MS) {
      toldAt.current = Date.now();
      tell(true);
    }
    still.current = setTimeout(() => {
      toldAt.current = 0;
      tell(false);
    }, STILL_MS);
  };
}
