// Who this is and what can be done, the likely next thing filled.

import type { Conversation } from "@deskbell/client";
import { visitorName } from "@deskbell/ui";
import { back, closed, done, inbox, more, panel, reopen, take, transfer } from "@deskbell/ui/icons";
import { COMMANDS, type CommandName, useCommander } from "../desk/commands.ts";
import type { View } from "../desk/lists.ts";
import { useDeskState } from "../desk/useDesk.ts";
import { goTo } from "../desk/useRoute.ts";
import { Button, IconButton } from "../parts/Button.tsx";
import { Chip } from "../parts/Chip.tsx";
import { Menu, MenuItem } from "../parts/Menu.tsx";
import { STATUS } from "../parts/words.ts";

const ICONS: Partial<Record<CommandName, string>> = {
  take,
  transfer,
  resolve: done,
  reopen,
  unassign: inbox,
  close: closed,
};
const IN_MENU = ["take", "transfer", "resolve", "reopen", "unassign", "close"] as const satisfies CommandName[];

export function Header({ conversation, view }: { conversation: Conversation; view: View }) {
  const commander = useCommander();
  const status = STATUS[conversation.status];
  const about = [conversation.subject, conversation.category].filter(Boolean).join(" · ");
  const { me } = useDeskState();
  const mine = conversation.status === "active" && conversation.assignee?.id === me?.id;
  const who = conversation.status === "active" ? conversation.assignee?.name : null;
  return (
    <header className="flex h-14 shrink-0 items-center gap-2 border-b border-line px-3 views:pl-6">
      <IconButton
        label="Back to the list"
        path={back}
        className="phone:hidden"
        onClick={() => goTo({ view, conversationId: null })}
      />
      <div className="min-w-0 flex-1">
        <h2 className="flex items-center gap-2">
          <span className="truncate text-heading font-semibold" dir="auto" title={visitorName(conversation.contact)}>
            {visitorName(conversation.contact)}
          </span>
          <span className="hidden @roomy:contents">
            <Chip tone={status.tone}>{status.word}</Chip>
          </span>
        </h2>
        {(about || who) && (
          <p className="truncate text-small text-muted" dir="auto">
            {[about, who && `with ${who}`].filter(Boolean).join(" · ")}
          </p>
        )}
      </div>
      <Shown name="transfer" label="Transfer" />
      <Shown name="resolve" label="Resolve" filled={mine} />
      <Menu trigger={<IconButton label="More" path={more} />}>
        {IN_MENU.filter((name) => commander.can(name)).map((name) => (
          <MenuItem
            key={name}
            icon={ICONS[name] ?? more}
            keys={"keys" in COMMANDS[name] ? (COMMANDS[name] as { keys: string }).keys : undefined}
            onPick={() => commander.run(name)}
          >
            {COMMANDS[name].name}
          </MenuItem>
        ))}
      </Menu>
      <IconButton
        label={COMMANDS.context.name}
        path={panel}
        className="context:hidden"
        onClick={() => commander.run("context")}
      />
    </header>
  );
}

function Shown({ name, label, filled = false }: { name: CommandName; label: string; filled?: boolean }) {
  const commander = useCommander();
  if (!commander.can(name)) return null;
  const { name: full, ...command } = COMMANDS[name];
  const keys = "keys" in command ? command.keys : "";
  const button = (
    <Button
      kind={filled ? "filled" : "plain"}
      icon={ICONS[name] ?? more}
      keys={keys}
      title={`${full} (${keys})`}
      aria-label={full}
      onClick={() => commander.run(name)}
    >
      {label}
    </Button>
  );
  // On a phone only the likely next thing has a place; the rest is in the menu.
  return filled ? button : <span className="hidden @roomy:contents">{button}</span>;
}
