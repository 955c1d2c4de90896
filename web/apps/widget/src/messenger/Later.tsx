// A part of the messenger that is loaded when it is first shown, so that nobody
// waits for it before.

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";

interface Props<Part> {
  load(): Promise<Part>;
  /** "The form": what did not load, if it does not. */
  what: string;
  children(part: Part): ComponentChildren;
}

export function Later<Part extends object>({ load, what, children }: Props<Part>) {
  const [part, setPart] = useState<Part | null>(null);
  const [failed, setFailed] = useState(false);
  const begin = () => {
    setFailed(false);
    load().then(setPart, () => setFailed(true));
  };
  useEffect(begin, []);
  if (part) return children(part);
  if (!failed) return null;
  return (
    <p class="receipt wrong" role="alert">
      {what} did not load.{" "}
      <button type="button" onClick={begin}>
        Load again
      </button>
    </p>
  );
}
