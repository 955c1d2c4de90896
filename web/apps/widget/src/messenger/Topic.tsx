// What the page has said about the question, as a chip: the visitor sees what the
// agent will see, and may take it off.

import { bag, cross } from "@deskbell/ui/icons";
import type { About } from "./help.ts";
import { Icon } from "./Icon.tsx";

export function Topic({ topic, onRemove }: { topic: About; onRemove(): void }) {
  return (
    <p class="topic">
      <Icon path={bag} size={16} />
      <span class="topic-label" dir="auto">
        {topic.label}
      </span>
      <span class="topic-hint">The agent sees it</span>
      <button type="button" aria-label={`Do not send ${topic.label}`} onClick={onRemove}>
        <Icon path={cross} size={16} />
      </button>
    </p>
  );
}
