// After the chat: one to five and a word, once.

import { type Messenger, sentence } from "@deskbell/client";
import type { VisitorConversation } from "@deskbell/protocol";
import { done, star } from "@deskbell/ui/icons";
import { useState } from "preact/hooks";
import { Icon } from "./Icon.tsx";

const WORDS = ["Bad", "Poor", "Okay", "Good", "Great"];

interface Props {
  messenger: Messenger;
  conversation: VisitorConversation;
}

export function Rating({ messenger, conversation }: Props) {
  const [score, setScore] = useState(0);
  const [comment, setComment] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  if (conversation.status === "missed") {
    return (
      <div class="ended">
        <p>This chat has ended without an answer. Write again and you are back in the queue.</p>
      </div>
    );
  }
  if (conversation.rating) {
    return (
      <div class="ended ended-done">
        <Icon path={done} />
        <p>
          You rated this chat {conversation.rating.score} of 5: {WORDS[conversation.rating.score - 1]?.toLowerCase()}.
          Thank you.
        </p>
      </div>
    );
  }
  const rate = async () => {
    try {
      const word = comment.trim();
      await messenger.do("rate_conversation", {
        conversation_id: conversation.id,
        score,
        ...(word && { comment: word }),
      });
    } catch (error) {
      setProblem(sentence(error));
    }
  };
  return (
    <form
      class="ended"
      onSubmit={(event) => {
        event.preventDefault();
        void rate();
      }}
    >
      <fieldset class="stars">
        <legend>How was this chat?</legend>
        {WORDS.map((word, at) => (
          <label key={word} class={at < score ? "lit" : ""} title={word}>
            <input
              type="radio"
              name="score"
              value={at + 1}
              checked={score === at + 1}
              onChange={() => setScore(at + 1)}
            />
            <Icon path={star} size={24} />
            <span class="unseen">
              {at + 1} of 5: {word}
            </span>
          </label>
        ))}
        <output>{WORDS[score - 1] ?? ""}</output>
      </fieldset>
      {score > 0 && (
        <>
          <textarea
            rows={2}
            maxLength={2000}
            value={comment}
            aria-label="A comment, if you like"
            placeholder="A comment, if you like"
            onInput={(event) => setComment(event.currentTarget.value)}
          />
          <button type="submit" class="solid-button">
            Send rating
          </button>
        </>
      )}
      {problem && (
        <p class="wrong" role="alert">
          Not sent. {problem}
        </p>
      )}
    </form>
  );
}
