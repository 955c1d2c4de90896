// Oneself: availability as it is and as one wishes, and the way out.

import { type Availability, sentence } from "@deskbell/client";
import { check, logOut, settings as settingsIcon } from "@deskbell/ui/icons";
import { useState } from "react";
import { useDesk, useDeskState, useMayAdminister } from "../desk/useDesk.ts";
import { settingsHref } from "../desk/useSettings.ts";
import { Avatar, DOTS } from "./Avatar.tsx";
import { Icon } from "./Icon.tsx";
import { ITEM, Menu, MenuItem, MenuLine, MenuRadioGroup, MenuRadioItem, MenuRadioMark } from "./Menu.tsx";
import { AVAILABILITY } from "./words.ts";

const EXPLAINED: Record<Availability, string> = {
  online: "You get new chats",
  away: "No new chats for now",
  busy: "No new chats, you are occupied",
  offline: "You seem to be gone",
};

export function Me({ side, onLogOut }: { side: "right" | "bottom"; onLogOut(): void }) {
  const desk = useDesk();
  const { me } = useDeskState();
  const [problem, setProblem] = useState<string | null>(null);
  const first = useMayAdminister() ? "plugins" : "replies";
  if (!me) return <span className="skeleton size-8" />;
  const lowered = me.availability !== me.choice;
  const choose = (choice: Availability) => {
    setProblem(null);
    desk.setAvailability(choice).catch((error) => setProblem(sentence(error)));
  };
  return (
    <Menu
      side={side}
      trigger={
        <button
          type="button"
          data-press="availability"
          aria-label={`${me.name}, ${AVAILABILITY[me.availability]}`}
          className="rounded-full"
          title={`${me.name}: ${AVAILABILITY[me.availability]}`}
        >
          <Avatar name={me.name} desk availability={me.availability} />
        </button>
      }
    >
      <div className="px-3 py-2">
        <p className="font-semibold">{me.name}</p>
        <p className="text-small text-muted">{me.email}</p>
        {lowered && (
          <p className="mt-1 max-w-52 text-small text-warning-text">
            {me.availability === "busy"
              ? "Busy: you are at capacity"
              : `You are ${AVAILABILITY[me.availability].toLowerCase()} at the moment`}
          </p>
        )}
        {problem && (
          <p role="alert" className="mt-1 max-w-52 text-small text-danger-text">
            Not changed. {problem}
          </p>
        )}
      </div>
      <MenuLine />
      <MenuRadioGroup value={me.choice} onValueChange={(value) => choose(value as Availability)}>
        {(Object.keys(AVAILABILITY) as Availability[]).map((each) => (
          <MenuRadioItem key={each} value={each} closeOnClick className={ITEM}>
            <span className={`size-2 rounded-full ${DOTS[each]}`} aria-hidden="true" />
            <span className="flex-1">
              {AVAILABILITY[each]}
              <span className="block text-small text-muted">{EXPLAINED[each]}</span>
            </span>
            <MenuRadioMark>
              <Icon path={check} className="text-accent-text" />
            </MenuRadioMark>
          </MenuRadioItem>
        ))}
      </MenuRadioGroup>
      <MenuLine />
      <MenuItem icon={settingsIcon} onPick={() => location.assign(settingsHref(first))}>
        Settings
      </MenuItem>
      <MenuItem icon={logOut} onPick={onLogOut}>
        Log out
      </MenuItem>
    </Menu>
  );
}
