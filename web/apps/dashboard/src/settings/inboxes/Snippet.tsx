// The script of an inbox, to be copied into a site.

import { check, copy } from "@deskbell/ui/icons";
import { useState } from "react";
import { Button } from "../../parts/Button.tsx";
import { CARD } from "../Heading.tsx";
import { snippet } from "./snippet-text.ts";

const SHOWN_MS = 2_000;

export function Snippet({ inboxKey }: { inboxKey: string }) {
  const [said, setSaid] = useState<"copied" | "failed" | null>(null);
  const text = snippet(location.origin, inboxKey);
  const put = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("copied");
    } catch {
      setSaid("failed");
    }
    setTimeout(() => setSaid(null), SHOWN_MS);
  };
  return (
    <div className={`${CARD} flex flex-wrap items-center gap-3 p-3`}>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled box must be reachable by keyboard.
        tabIndex={0}
        className="min-w-0 flex-[1_1_20rem] overflow-x-auto rounded-control font-mono text-small leading-6"
      >
        {text}
      </pre>
      <Button icon={said === "copied" ? check : copy} onClick={() => void put()}>
        <span aria-live="polite">
          {said === "copied" ? "Copied" : said === "failed" ? "Select and copy it by hand" : "Copy script"}
        </span>
      </Button>
    </div>
  );
}
