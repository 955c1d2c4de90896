// What the plugin writes into its log, as it writes it. It follows while one is at
// the end, and stands still while one reads further up or has stopped it.

import { alert, pause, play } from "@deskbell/ui/icons";
import { type UIEvent, useEffect, useRef, useState } from "react";
import { Button } from "../../parts/Button.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { CARD, Part } from "../Heading.tsx";
import { atLeast, LEVELS, type Level } from "./log-lines.ts";
import { useLog } from "./useLog.ts";
import { hookShort } from "./words.ts";

const TONES: Record<Level, string> = {
  error: "text-danger-text",
  warn: "text-warning-text",
  info: "text-ink",
  debug: "text-muted",
};

export function Log({ installation }: { installation: string }) {
  const [paused, setPaused] = useState(false);
  const [least, setLeast] = useState<Level>("debug");
  const { lines, problem, loaded } = useLog(installation, paused);
  const shown = atLeast(lines, least);
  const box = useRef<HTMLElement>(null);
  const [atEnd, setAtEnd] = useState(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what came or was filtered moves the end.
  useEffect(() => {
    if (atEnd && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [shown.at(-1)?.n, shown.length, atEnd]);
  const look = ({ currentTarget: it }: UIEvent) => setAtEnd(it.scrollHeight - it.scrollTop - it.clientHeight < 24);
  return (
    <Part
      title="Log"
      text="What the plugin itself writes. New lines appear by themselves."
      aside={
        <div className="flex flex-wrap items-center gap-2">
          <label className="flex items-center gap-2">
            <span className="text-small text-muted">Show</span>
            <select
              value={least}
              className="h-8 rounded-control border border-control bg-surface px-2"
              onChange={(event) => setLeast(event.target.value as Level)}
            >
              {LEVELS.map(({ level, name }) => (
                <option key={level} value={level}>
                  {name}
                </option>
              ))}
            </select>
          </label>
          <Button icon={paused ? play : pause} onClick={() => setPaused(!paused)}>
            {paused ? "Go on" : "Pause log"}
          </Button>
        </div>
      }
    >
      <div className={`${CARD} relative overflow-hidden`}>
        <section
          ref={box}
          aria-label="Log of the plugin"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled box must be reachable by keyboard.
          tabIndex={0}
          onScroll={look}
          className="max-h-80 min-h-24 overflow-y-auto bg-sunken p-3 font-mono text-small -outline-offset-2"
        >
          {shown.length === 0 ? (
            <p className="font-sans text-body text-muted">
              {!loaded && !problem
                ? "Loading"
                : lines.length > 0
                  ? "No lines of this kind. Show all of them to see the others."
                  : "Nothing written yet. Lines appear here when the plugin is asked and logs something."}
            </p>
          ) : (
            <ol>
              {shown.map((it) => (
                <li key={it.n} className={`flex flex-wrap gap-x-3 py-0.5 phone:flex-nowrap ${TONES[it.level]}`}>
                  <time
                    dateTime={it.at}
                    title={new Date(it.at).toLocaleString()}
                    className="shrink-0 text-muted tabular-nums"
                  >
                    {new Date(it.at).toLocaleTimeString("en-GB")}
                  </time>
                  <span className="w-10 shrink-0 font-semibold">{it.level}</span>
                  <span
                    className="min-w-0 flex-[1_1_12rem] whitespace-pre-wrap wrap-anywhere"
                    title={hookShort(it.hook)}
                  >
                    {it.text}
                  </span>
                </li>
              ))}
            </ol>
          )}
        </section>
        {problem && (
          <p
            role="status"
            className="flex items-center gap-2 border-t border-line px-3 py-2 text-small text-warning-text"
          >
            <Icon path={alert} />
            The log has stopped. {problem} It is tried again by itself.
          </p>
        )}
        {!atEnd && shown.length > 0 && (
          <div className="absolute inset-x-0 bottom-3 grid justify-items-center">
            <Button className="shadow-float" onClick={() => setAtEnd(true)}>
              Go to the newest line
            </Button>
          </div>
        )}
      </div>
    </Part>
  );
}
