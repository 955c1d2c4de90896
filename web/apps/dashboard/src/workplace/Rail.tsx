// The narrow rail: where one is, the keys, oneself.

import { inbox, keyboard, settings as settingsIcon } from "@deskbell/ui/icons";
import { useCommander } from "../desk/commands.ts";
import { useMayAdminister } from "../desk/useDesk.ts";
import { settingsHref, useSettings } from "../desk/useSettings.ts";
import { IconButton } from "../parts/Button.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Mark } from "../parts/Mark.tsx";
import { Me } from "../parts/Me.tsx";

export function Rail({ onLogOut }: { onLogOut(): void }) {
  const commander = useCommander();
  const inSettings = useSettings() !== null;
  const first = useMayAdminister() ? "plugins" : "replies";
  return (
    <nav
      aria-label="Deskbell"
      className="hidden w-14 shrink-0 flex-col items-center gap-2 border-r border-line bg-sunken py-3 phone:flex"
    >
      <Mark />
      <div className="mt-2 grid gap-1">
        <Place href="#/mine" name="Conversations" icon={inbox} here={!inSettings} />
        <Place href={settingsHref(first)} name="Settings" icon={settingsIcon} here={inSettings} />
      </div>
      <span className="flex-1" />
      <IconButton label="Keys" path={keyboard} onClick={() => commander.run("keys")} />
      <Me side="right" onLogOut={onLogOut} />
    </nav>
  );
}

function Place({ href, name, icon, here }: { href: string; name: string; icon: string; here: boolean }) {
  return (
    <a
      href={href}
      aria-label={name}
      title={name}
      aria-current={here ? "page" : undefined}
      className={`grid size-8 place-items-center rounded-control transition-colors ${here ? "bg-accent-tint text-accent-text" : "text-muted hover:bg-hover hover:text-ink"}`}
    >
      <Icon path={icon} size={20} />
    </a>
  );
}
