// The dialogs of the commands that need to know more.

import type { Conversation } from "@deskbell/client";
import type { DialogName } from "../desk/commands.ts";
import { Because } from "./Because.tsx";
import { Keys } from "./Keys.tsx";
import { Transfer } from "./Transfer.tsx";

interface Props {
  dialog: DialogName | null;
  conversation: Conversation | null;
  onClose(): void;
}

export function Actions({ dialog, conversation, onClose }: Props) {
  if (dialog === "keys") return <Keys onClose={onClose} />;
  if (!conversation) return null;
  switch (dialog) {
    case "transfer":
      return <Transfer conversation={conversation} onClose={onClose} />;
    case "resolve":
      return (
        <Because
          conversation={conversation}
          command="resolve"
          title="Resolve a chat nobody answered"
          text="Say why, for whoever looks at it later."
          verb="Resolve chat"
          required
          onClose={onClose}
        />
      );
    case "close":
      return (
        <Because
          conversation={conversation}
          command="close"
          title="Close this chat for good"
          text="It cannot be opened again. A new message starts a new chat."
          verb="Close chat"
          onClose={onClose}
        />
      );
    default:
      return null;
  }
}
