// The scrolled box of a thread: stays at the end unless the reader scrolled up,
// stays where it is when earlier messages come, goes to the message asked for.

import { type ReactNode, useEffect, useRef } from "react";

interface Props {
  /** The number of the first message that is here. */
  first: number | undefined;
  /** The message one came for. */
  seq: number | undefined;
  children: ReactNode;
}

const NEAR = 48;

export function Scroll({ first, seq, children }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const atEnd = useRef(true);
  const fromEnd = useRef(0);

  useEffect(() => {
    const it = box.current;
    if (!it) return;
    const stay = () => {
      if (atEnd.current) it.scrollTop = it.scrollHeight;
    };
    const size = new ResizeObserver(stay);
    const content = new MutationObserver(stay);
    size.observe(it);
    content.observe(it, { childList: true, subtree: true, characterData: true });
    return () => {
      size.disconnect();
      content.disconnect();
    };
  }, []);

  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when earlier messages came.
  useEffect(() => {
    const it = box.current;
    if (it && !atEnd.current) it.scrollTop = it.scrollHeight - fromEnd.current;
  }, [first]);

  useEffect(() => {
    if (seq === undefined || first === undefined || first > seq) return;
    const target = box.current?.querySelector(`[data-seq="${seq}"]`);
    if (!target) return;
    atEnd.current = false;
    target.scrollIntoView({ block: "center" });
  }, [seq, first]);

  return (
    <div
      ref={box}
      role="log"
      aria-label="Messages"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled box must be reachable by keyboard.
      tabIndex={0}
      className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-4 py-4 -outline-offset-2 views:px-6"
      onScroll={({ currentTarget: it }) => {
        fromEnd.current = it.scrollHeight - it.scrollTop;
        atEnd.current = fromEnd.current - it.clientHeight < NEAR;
      }}
    >
      <div className="mx-auto max-w-176">{children}</div>
    </div>
  );
}
