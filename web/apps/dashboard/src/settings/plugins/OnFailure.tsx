// What becomes of a message when a filter gives no usable answer: the desk's choice.

import { type Installation, sentence } from "@deskbell/client";
import { useState } from "react";
import { Notice } from "../../parts/Notice.tsx";
import { CARD, Part } from "../Heading.tsx";
import { usePluginRequests } from "./usePlugins.ts";

const CHOICES = [
  {
    value: "pass",
    name: "Let it pass",
    text: "It is stored as written, with a mark that only the desk sees. No message is late, but one may hold what should not be kept.",
  },
  {
    value: "hold",
    name: "Hold it back",
    text: "It is kept sealed, seen by nobody, until the plugin has read it; the sender sees that it is being checked. After a day it is dropped, and the sender is told.",
  },
] as const;

export function OnFailure({ installation }: { installation: Installation }) {
  const requests = usePluginRequests();
  const [wanted, setWanted] = useState(installation.on_failure);
  const [problem, setProblem] = useState<string | null>(null);
  const choose = async (value: Installation["on_failure"]) => {
    setWanted(value);
    setProblem(null);
    try {
      await requests.change(installation, { on_failure: value });
    } catch (error) {
      setWanted(installation.on_failure);
      setProblem(sentence(error));
    }
  };
  return (
    <Part title="When it cannot read a message">
      {problem && (
        <Notice tone="danger">
          <p>Not changed. {problem}</p>
        </Notice>
      )}
      <fieldset className={`${CARD} divide-y divide-line`}>
        <legend className="sr-only">When it cannot read a message</legend>
        {CHOICES.map(({ value, name, text }) => (
          <label key={value} className="flex cursor-pointer items-start gap-3 p-4">
            <input
              type="radio"
              name="on-failure"
              className="mt-1 accent-accent"
              aria-label={name}
              aria-describedby={`on-failure-${value}`}
              checked={wanted === value}
              onChange={() => void choose(value)}
            />
            <span className="min-w-0">
              <span className="block font-medium">{name}</span>
              <span id={`on-failure-${value}`} className="block max-w-prose text-small text-muted">
                {text}
              </span>
            </span>
          </label>
        ))}
      </fieldset>
    </Part>
  );
}
