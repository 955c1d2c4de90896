// What a plugin does and what it may reach: a switch for each, in plain words.

import type { Capability, Hook, PluginVersion } from "@deskbell/client";
import { useId } from "react";
import { Chip } from "../../parts/Chip.tsx";
import { Switch } from "../../parts/Switch.tsx";
import { capabilityWords, hookWords } from "./words.ts";

export interface Granted {
  hooks: readonly Hook[];
  capabilities: readonly Capability[];
}

interface Props {
  of: Pick<PluginVersion, "hooks" | "capabilities" | "variables"> & Partial<Pick<PluginVersion, "manifest">>;
  granted: Granted;
  /** What the version in use wants: anything else is marked as new. */
  before?: Granted | undefined;
  busy?: boolean;
  onChange(granted: Granted): void;
}

export function Grants({ of, granted, before, busy = false, onChange }: Props) {
  const { hooks, capabilities } = granted;
  const own = useId();
  return (
    <div className="grid gap-4">
      <List title="What it does">
        {of.hooks.map((hook) => (
          <Line
            key={hook}
            id={`${own}hook-${hook}`}
            {...hookWords(hook, of.variables)}
            isNew={before !== undefined && !before.hooks.includes(hook)}
            on={hooks.includes(hook)}
            busy={busy}
            onChange={(on) => onChange({ ...granted, hooks: toggled(of.hooks, hooks, hook, on) })}
          />
        ))}
      </List>
      <List title="What it may reach">
        {of.capabilities.length === 0 ? (
          <li className="px-3 py-2.5 text-muted">
            Nothing beyond what it is shown with each question: no network, no files, no other chats.
          </li>
        ) : (
          of.capabilities.map((each) => (
            <Line
              key={each}
              id={`${own}capability-${each}`}
              {...capabilityWords(each, of.manifest)}
              isNew={before !== undefined && !before.capabilities.includes(each)}
              on={capabilities.includes(each)}
              busy={busy}
              onChange={(on) =>
                onChange({ ...granted, capabilities: toggled(of.capabilities, capabilities, each, on) })
              }
            />
          ))
        )}
      </List>
    </div>
  );
}

function List({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <section className="grid gap-1.5">
      <h3 className="text-small font-medium text-muted">{title}</h3>
      <ul className="divide-y divide-line rounded-control border border-line">{children}</ul>
    </section>
  );
}

interface LineProps {
  id: string;
  name: string;
  text: string;
  isNew: boolean;
  on: boolean;
  busy: boolean;
  onChange(on: boolean): void;
}

function Line({ id, name, text, isNew, on, busy, onChange }: LineProps) {
  return (
    <li className="flex items-start gap-4 px-3 py-2.5">
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 font-medium wrap-anywhere">
          {name}
          {isNew && <Chip tone="accent">New</Chip>}
        </p>
        <p id={`${id}-text`} className="text-small text-muted">
          {text}
        </p>
      </div>
      <Switch label={`Allow: ${name}`} describedBy={`${id}-text`} on={on} busy={busy} onChange={onChange} />
    </li>
  );
}

/** In the order the plugin names them. */
function toggled<Each>(all: readonly Each[], some: readonly Each[], one: Each, on: boolean): Each[] {
  return all.filter((each) => (each === one ? on : some.includes(each)));
}
