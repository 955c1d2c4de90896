// A reason, asked for before something is done.

import { type Conversation, sentence } from "@deskbell/client";
import { type FormEvent, useState } from "react";
import { useDesk } from "../desk/useDesk.ts";
import { Button } from "../parts/Button.tsx";
import { Dialog } from "../parts/Dialog.tsx";

interface Props {
  conversation: Conversation;
  command: "resolve" | "close";
  title: string;
  text: string;
  verb: string;
  required?: boolean;
  onClose(): void;
}

export const TEXT_FIELD = "w-full rounded-control border border-control bg-surface px-3 py-2";

export function Because({ conversation, command, title, text, verb, required = false, onClose }: Props) {
  const desk = useDesk();
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const why = reason.trim();
    try {
      await desk.do(command, { conversation_id: conversation.id, ...(why && { reason: why }) });
      onClose();
    } catch (error) {
      setProblem(sentence(error));
    }
  };
  return (
    <Dialog title={title} text={text} onClose={onClose}>
      <form onSubmit={submit} className="grid gap-4 p-4 pt-1">
        <label className="grid gap-1">
          <span className="font-medium">
            Reason {!required && <span className="font-normal text-muted">optional</span>}
          </span>
          <textarea
            rows={2}
            maxLength={500}
            required={required}
            value={reason}
            className={TEXT_FIELD}
            onChange={(event) => setReason(event.target.value)}
          />
        </label>
        <Problem text={problem} />
        <footer className="flex justify-end gap-2">
          <Button onClick={onClose}>Keep chat</Button>
          <Button type="submit" kind="filled">
            {verb}
          </Button>
        </footer>
      </form>
    </Dialog>
  );
}

export function Problem({ text }: { text: string | null }) {
  if (!text) return null;
  return (
    <p role="alert" className="rounded-control border border-danger-line bg-danger-tint px-3 py-2 text-danger-text">
      Not done. {text}
    </p>
  );
}
