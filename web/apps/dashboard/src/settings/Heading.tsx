// The head of a settings page and of its sections.

import { back } from "@deskbell/ui/icons";
import type { ReactNode } from "react";
import { Icon } from "../parts/Icon.tsx";

interface Props {
  title: string;
  text: ReactNode;
  /** The page it belongs to. */
  from?: { name: string; href: string };
  children?: ReactNode;
}

export function Heading({ title, text, from, children }: Props) {
  return (
    <header className="grid gap-2">
      {from && (
        <a
          href={from.href}
          className="inline-flex items-center gap-1 justify-self-start rounded-control text-muted hover:text-ink"
        >
          <Icon path={back} />
          {from.name}
        </a>
      )}
      <div className="flex flex-wrap items-start gap-x-4 gap-y-3">
        <div className="min-w-0 flex-[1_1_16rem]">
          <h1 className="text-title font-semibold wrap-anywhere" dir="auto">
            {title}
          </h1>
          <div className="max-w-prose text-muted">{text}</div>
        </div>
        {children}
      </div>
    </header>
  );
}

interface PartProps {
  title: string;
  text?: ReactNode;
  /** Beside the title. */
  aside?: ReactNode;
  children: ReactNode;
}

export function Part({ title, text, aside, children }: PartProps) {
  return (
    <section className="grid min-w-0 gap-3">
      <div className="flex flex-wrap items-end gap-x-4 gap-y-2">
        <div className={`min-w-0 ${text ? "flex-[1_1_14rem]" : "flex-1"}`}>
          <h2 className="text-heading font-semibold">{title}</h2>
          {text && <div className="max-w-prose text-muted">{text}</div>}
        </div>
        {aside}
      </div>
      {children}
    </section>
  );
}

/** What stands on a page of its own ground. */
export const CARD = "min-w-0 rounded-card border border-line bg-surface";
