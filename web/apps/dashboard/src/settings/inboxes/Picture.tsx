// Roughly how the messenger will look: its head, its launcher, its corner.

import { textOn } from "@deskbell/ui";
import { bell } from "@deskbell/ui/icons";
import { useLayoutEffect, useRef } from "react";
import { Icon } from "../../parts/Icon.tsx";
import type { InboxDraft } from "./draft.ts";

export function Picture({ draft }: { draft: InboxDraft }) {
  const box = useRef<HTMLDivElement>(null);
  const on = textOn(draft.color);
  // A tenant's colour is no token, so it comes in as the two the messenger uses.
  useLayoutEffect(() => {
    const style = box.current?.style;
    style?.setProperty("--brand", on ? draft.color : "var(--accent)");
    style?.setProperty("--on-brand", on ?? "var(--on-accent)");
  }, [draft.color, on]);
  const end = draft.position === "right";
  return (
    <div
      ref={box}
      aria-hidden="true"
      className="flex h-80 flex-col justify-end gap-3 self-start rounded-card border border-line bg-sunken p-4"
    >
      <div
        className={`w-48 overflow-hidden rounded-bubble border border-line bg-surface shadow-float ${end ? "self-end" : ""}`}
      >
        <div className="bg-brand px-3 py-4 text-on-brand">
          <p className="line-clamp-2 font-semibold wrap-anywhere" dir="auto">
            {draft.title || draft.name || "Welcome"}
          </p>
        </div>
        <div className="grid gap-2 p-3">
          <p className="line-clamp-3 text-small wrap-anywhere text-muted" dir="auto">
            {draft.text || "Write to us; an agent answers."}
          </p>
          <div className="h-6 rounded-control border border-line" />
        </div>
      </div>
      <div className={`grid size-12 place-items-center rounded-full bg-brand text-on-brand ${end ? "self-end" : ""}`}>
        <Icon path={bell} size={20} />
      </div>
    </div>
  );
}
