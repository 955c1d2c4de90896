// The narrow rail: where one is, the keys, oneself.

import { inbox, keyboard } from "@deskbell/ui/icons";
import { useCommander } from "../desk/commands.ts";
import { IconButton } from "../parts/Button.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Mark } from "../parts/Mark.tsx";
import { Me } from "../parts/Me.tsx";

export function Rail({ onLogOut }: { onLogOut(): void }) {
  const commander = useCommander();
  return (
    <nav
      aria-label="Deskbell"
      className="hidden w-14 shrink-0 flex-col items-center gap-2 border-r border-line bg-sunken py-3 phone:flex"
    >
      <Mark />
      <a
        href="#/mine"
        aria-label="Conversations"
        title="Conversations"
        aria-current="page"
        className="mt-2 grid size-8 place-items-center rounded-control bg-accent-tint text-accent-text"
      >
        <Icon path={inbox} size={20} />
      </a>
      <span className="flex-1" />
      <IconButton label="Keys" path={keyboard} onClick={() => commander.run("keys")} />
      <Me side="right" onLogOut={onLogOut} />
    </nav>
  );
}
