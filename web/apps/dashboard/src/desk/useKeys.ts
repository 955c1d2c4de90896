// The keys of the commands. Single letters can be in the way of speech input, so
// they can be switched off.

import { useEffect, useSyncExternalStore } from "react";
import { COMMANDS, type Commander, commandNames } from "./commands.ts";

const OFF = "deskbell.keys-off";
const listeners = new Set<() => void>();

export function setKeysOn(on: boolean): void {
  if (on) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "yes");
  for (const listener of listeners) listener();
}

export function useKeysOn(): boolean {
  return useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => localStorage.getItem(OFF) === null,
  );
}

export function useKeys(commander: Commander): void {
  const on = useKeysOn();
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || busy(event.target)) return;
      const name = commandNames.find((each) => "keys" in COMMANDS[each] && COMMANDS[each].keys === event.key);
      if (!name || !(on || name === "keys") || !commander.can(name)) return;
      event.preventDefault();
      commander.run(name);
    };
    window.addEventListener("keydown", press);
    return () => window.removeEventListener("keydown", press);
  }, [commander, on]);
}

/** Writing, or in a dialog or menu: keys mean something else there. */
function busy(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.closest("input, textarea, select, [role=dialog], [role=menu]") !== null;
}
