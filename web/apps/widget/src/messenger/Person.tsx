// The way past a bot: always there, and asked for again when the line is back.

import { type Messenger, sentence, Unreachable } from "@deskbell/client";
import { useEffect, useState } from "preact/hooks";
import { goOn, useStore } from "./hooks.ts";

interface Props {
  messenger: Messenger;
  conversationId: string;
}

export function Person({ messenger, conversationId }: Props) {
  const link = useStore(messenger.link);
  const [asked, setAsked] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  useEffect(() => {
    if (!asked || link !== "live") return;
    messenger.do("request_agent", { conversation_id: conversationId }).catch((error) => {
      if (error instanceof Unreachable) return;
      setAsked(false);
      setProblem(sentence(error));
    });
  }, [messenger, conversationId, asked, link]);
  return (
    <div class="person">
      {problem && (
        <p class="wrong" role="alert">
          Nobody was asked. {problem}
        </p>
      )}
      <button
        type="button"
        class="quiet-button"
        aria-disabled={asked}
        onClick={() => {
          setProblem(null);
          setAsked(true);
          goOn();
        }}
      >
        {asked ? "Asking for a person" : "Talk to a person"}
      </button>
    </div>
  );
}
