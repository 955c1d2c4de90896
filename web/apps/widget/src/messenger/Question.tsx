// A bot's question under its bubble: buttons, or a small form. Once given, the answer
// stands in the thread as one's own. With all it needs a part of its own, loaded when
// a bot has spoken.

import { type AnswerValues, answerWords, liveQuestion, questionOf } from "@deskbell/client";
import type { VisitorMessage } from "@deskbell/protocol";
import type { Written } from "./current.ts";
import { Form } from "./Form.tsx";
import { goOn } from "./hooks.ts";

interface Props {
  messages: readonly VisitorMessage[];
  /** An answer the desk did not take. */
  refused: Written | undefined;
  onAnswer(questionId: string, values: AnswerValues, words: string): void;
}

export function Question({ messages, refused, onAnswer }: Props) {
  const message = liveQuestion("bot", messages);
  const question = message && questionOf(message);
  if (!question) return null;
  const { id } = message;
  const { choices, form } = question;
  const answer = (values: AnswerValues) => {
    onAnswer(id, values, answerWords(question, values));
    // What was pressed is gone.
    goOn();
  };
  if (form.length > 0) {
    return <Form key={refused?.written_at} labelledBy={id} fields={form} refused={refused} onAnswer={answer} />;
  }
  return (
    <>
      <fieldset class="choices asked" aria-labelledby={id}>
        {choices.map((it) => (
          <button key={it.id} type="button" class="choice" dir="auto" onClick={() => answer({ choice: it.id })}>
            {it.label}
          </button>
        ))}
      </fieldset>
      {refused && (
        <p class="receipt wrong" role="alert">
          Not sent. {refused.why} Choose again, or write.
        </p>
      )}
    </>
  );
}
