// All keys, and the switch that turns the single letters off.

import { COMMANDS, type Command } from "../desk/commands.ts";
import { setKeysOn, useKeysOn } from "../desk/useKeys.ts";
import { Dialog } from "../parts/Dialog.tsx";

const GROUPS = ["Chat", "Move", "Page"] as const;
const ALSO = [
  ["Send", "Enter"],
  ["New line", "Shift Enter"],
  ["Saved replies, in a reply", "/"],
] as const;

export function Keys({ onClose }: { onClose(): void }) {
  const on = useKeysOn();
  const commands: Command[] = Object.values(COMMANDS);
  return (
    <Dialog wide title="Keys" onClose={onClose}>
      <div className="grid content-start gap-x-8 gap-y-4 overflow-y-auto px-4 pb-4 phone:grid-cols-2">
        {GROUPS.map((group) => (
          <section key={group} className={group === "Chat" ? "phone:row-span-2" : ""}>
            <h3 className="pb-1 text-small font-medium text-muted">{group}</h3>
            <dl>
              {commands
                .filter((command) => command.group === group && command.keys)
                .map((command) => (
                  <Line key={command.name} name={command.name} keys={command.keys ?? ""} />
                ))}
              {group === "Chat" && ALSO.map(([name, keys]) => <Line key={name} name={name} keys={keys} />)}
            </dl>
          </section>
        ))}
        <label className="flex items-center gap-2 border-t border-line pt-4 phone:col-span-2">
          <input type="checkbox" checked={on} onChange={(event) => setKeysOn(event.target.checked)} />
          Single letters do something outside of text fields
        </label>
      </div>
    </Dialog>
  );
}

function Line({ name, keys }: { name: string; keys: string }) {
  return (
    <div className="flex items-center justify-between py-1">
      <dt>{name}</dt>
      <dd>
        <kbd>{keys}</kbd>
      </dd>
    </div>
  );
}
