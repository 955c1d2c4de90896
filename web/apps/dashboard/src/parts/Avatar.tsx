// A person as initials, with presence as a dot if it is known. The name always
// stands beside it, so it is hidden from readers.

import type { Availability } from "@deskbell/client";
import { initials } from "@deskbell/ui";
import { bot as botIcon, person } from "@deskbell/ui/icons";
import { Icon } from "./Icon.tsx";

export const DOTS: Record<Availability, string> = {
  online: "bg-online",
  away: "bg-away",
  busy: "bg-busy",
  offline: "bg-offline",
};

interface Props {
  name: string | null;
  desk?: boolean;
  /** No person at all. */
  bot?: boolean;
  availability?: Availability | undefined;
  size?: "size-6" | "size-8";
}

export function Avatar({ name, desk = false, bot = false, availability, size = "size-8" }: Props) {
  const letters = initials(name);
  const tone = desk ? "bg-accent-tint text-accent-text" : "bg-hover text-ink";
  return (
    <span
      className={`relative inline-grid shrink-0 place-items-center rounded-full ${tone} ${size}`}
      aria-hidden="true"
    >
      {bot ? (
        <Icon path={botIcon} />
      ) : letters ? (
        // Drawn, not written: it is a picture of the name, and no part of a button's words.
        <span data-letters={letters} className="text-small font-semibold before:content-[attr(data-letters)]" />
      ) : (
        <Icon path={person} />
      )}
      {availability && <Dot of={availability} />}
    </span>
  );
}

function Dot({ of }: { of: Availability }) {
  return (
    <span className={`absolute -right-0.5 -bottom-0.5 size-2.5 rounded-full border-2 border-surface ${DOTS[of]}`} />
  );
}
