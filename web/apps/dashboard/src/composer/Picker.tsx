// Saved replies above the composer, each shown filled before it is taken.

import type { CannedResponse, CannedResponseUsed } from "@deskbell/client";
import { type RefObject, useEffect, useState } from "react";
import { useDesk, useDeskState } from "../desk/useDesk.ts";
import { matching, segments } from "./saved.ts";

interface Props {
  conversationId: string;
  query: string;
  /** The keys come from the text one types in. */
  box: RefObject<HTMLTextAreaElement | null>;
  onPick(response: CannedResponse, filled: string): void;
  onLeave(): void;
}

const LISTBOX = "saved-replies";
const optionId = (it: CannedResponse) => `saved-${it.id}`;

export function Picker({ conversationId, query, box, onPick, onLeave }: Props) {
  const { cannedResponses } = useDeskState();
  const found = matching(Object.values(cannedResponses), query);
  const [wanted, setWanted] = useState(0);
  const at = Math.min(wanted, Math.max(0, found.length - 1));
  const response = found[at];
  const filled = useFilled(conversationId, response);

  useEffect(() => {
    const it = box.current;
    if (!it) return;
    const press = (event: KeyboardEvent) => {
      const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
      if (by !== 0 && found.length > 0) setWanted((at + by + found.length) % found.length);
      else if (event.key === "Escape") onLeave();
      else if ((event.key === "Enter" || event.key === "Tab") && response && filled) onPick(response, filled.text);
      else if (event.key !== "Enter") return;
      // The same key must not also send what was just taken.
      event.stopPropagation();
      event.preventDefault();
    };
    it.addEventListener("keydown", press);
    return () => it.removeEventListener("keydown", press);
  });

  // The chosen one is in sight, however long the list.
  const responseId = response?.id;
  useEffect(() => {
    if (responseId) document.getElementById(`saved-${responseId}`)?.scrollIntoView({ block: "nearest" });
  }, [responseId]);

  // Typing goes on in the text; readers hear which reply is chosen.
  const chosen = response ? optionId(response) : "";
  useEffect(() => {
    const it = box.current;
    it?.setAttribute("aria-controls", LISTBOX);
    it?.setAttribute("aria-activedescendant", chosen);
    return () => {
      it?.removeAttribute("aria-controls");
      it?.removeAttribute("aria-activedescendant");
    };
  }, [box, chosen]);

  return (
    <div className="absolute inset-x-3 bottom-full mx-auto flex max-h-80 max-w-176 flex-col overflow-hidden rounded-card border border-line bg-raised shadow-float views:inset-x-6">
      {found.length === 0 ? (
        <p className="p-4 text-muted">
          {Object.keys(cannedResponses).length === 0 &&
            "There are no saved replies yet; admins write them in the settings. "}
          No saved reply for <b className="font-medium text-ink">/{query}</b>. <kbd>Esc</kbd> sends it as it is.
        </p>
      ) : (
        <>
          <div
            id={LISTBOX}
            role="listbox"
            aria-label="Saved replies"
            tabIndex={-1}
            className="min-h-0 overflow-y-auto py-1"
          >
            {found.map((it, index) => (
              <div
                key={it.id}
                id={optionId(it)}
                role="option"
                tabIndex={-1}
                aria-selected={index === at}
                className={`flex cursor-pointer items-baseline gap-3 px-4 py-1.5 ${index === at ? "bg-accent-tint" : ""}`}
                onPointerMove={() => setWanted(index)}
                onPointerDown={(event) => {
                  event.preventDefault();
                  if (filled && index === at) onPick(it, filled.text);
                }}
              >
                <span className="font-medium">/{it.shortcut}</span>
                <span className="min-w-0 flex-1 truncate text-muted">{it.title}</span>
              </div>
            ))}
          </div>
          <Preview filled={filled} />
        </>
      )}
    </div>
  );
}

function Preview({ filled }: { filled: CannedResponseUsed | null }) {
  return (
    <div className="min-h-20 shrink-0 border-t border-line px-4 py-3" aria-live="polite">
      {filled === null ? (
        <div role="status" aria-label="Filling it in" className="grid gap-2 pt-1">
          <div className="skeleton h-3 w-4/5" />
          <div className="skeleton h-3 w-2/5" />
        </div>
      ) : (
        <>
          <p className="line-clamp-4 whitespace-pre-wrap" dir="auto">
            {segments(filled.text).map((piece, at) =>
              piece.missing ? (
                // biome-ignore lint/suspicious/noArrayIndexKey: a text's pieces have no other name.
                <mark key={at} className="rounded-corner bg-warning-tint text-warning-text">
                  {piece.text}
                </mark>
              ) : (
                piece.text
              ),
            )}
          </p>
          <p className={`pt-2 text-small ${filled.missing.length > 0 ? "text-warning-text" : "text-muted"}`}>
            {filled.missing.length > 0 ? (
              `No value for ${filled.missing.join(", ")}`
            ) : (
              <>
                <kbd>Enter</kbd> takes it into your reply
              </>
            )}
          </p>
        </>
      )}
    </div>
  );
}

/** As the server fills it for this chat. */
function useFilled(conversationId: string, response: CannedResponse | undefined): CannedResponseUsed | null {
  const desk = useDesk();
  const [filled, setFilled] = useState<{ of: CannedResponse; is: CannedResponseUsed } | null>(null);
  useEffect(() => {
    if (!response) return;
    let wanted = true;
    desk.preview(conversationId, response.id).then(
      (is) => wanted && setFilled({ of: response, is }),
      // Not reachable: as it is written, with its variables open.
      () => wanted && setFilled({ of: response, is: { text: response.text, missing: [], ack: null } }),
    );
    return () => {
      wanted = false;
    };
  }, [desk, conversationId, response]);
  return filled && filled.of === response ? filled.is : null;
}
