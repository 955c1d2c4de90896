// The plugins at work: on or off at once, how they are doing, and in which order
// they are asked.

import type { Installation, Plugin, PluginFailure } from "@deskbell/client";
import { lately } from "@deskbell/ui";
import { downward, more, plug, right, settings, up } from "@deskbell/ui/icons";
import { useNow } from "../../desk/useDesk.ts";
import { settingsHref } from "../../desk/useSettings.ts";
import { IconButton } from "../../parts/Button.tsx";
import { Chip } from "../../parts/Chip.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { Menu, MenuItem } from "../../parts/Menu.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { CARD } from "../Heading.tsx";
import { resting } from "./breaker.ts";
import { OnOff } from "./OnOff.tsx";
import { useReorder } from "./useReorder.ts";
import { hookShort } from "./words.ts";

interface Props {
  installations: readonly Installation[];
  plugins: readonly Plugin[];
  failures: readonly PluginFailure[];
}

export function Installed({ installations, plugins, failures }: Props) {
  const now = useNow(60_000);
  const { problem, move, busy } = useReorder();
  const all = [...installations].sort((a, b) => a.position - b.position);
  const sameHook = (it: Installation, other: Installation) => it.hooks.some((hook) => other.hooks.includes(hook));
  return (
    <>
      {problem && (
        <Notice tone="danger">
          <p>The order was not changed. {problem}</p>
        </Notice>
      )}
      <ol className={`${CARD} divide-y divide-line`}>
        {all.map((it, at) => {
          const plugin = plugins.find((each) => each.id === it.plugin_id);
          const failed = failures.filter((each) => each.installation_id === it.id);
          const rivals = all.filter((each) => sameHook(each, it));
          const earlier = all.findLastIndex((each, other) => other < at && sameHook(each, it));
          const later = all.findIndex((each, other) => other > at && sameHook(each, it));
          return (
            <li key={it.id} className="flex flex-wrap items-start gap-x-4 gap-y-2 p-4">
              <span className="grid size-9 shrink-0 place-items-center rounded-control bg-accent-tint text-accent-text">
                <Icon path={plug} size={20} />
              </span>
              <div className="min-w-0 flex-[1_1_14rem]">
                <h3 className="flex flex-wrap items-center gap-x-2 gap-y-1">
                  <a
                    href={settingsHref("plugins", it.id)}
                    className="min-w-0 rounded-control font-semibold wrap-anywhere hover:underline"
                  >
                    {it.plugin_name}
                  </a>
                  <span className="text-small text-muted tabular-nums">{it.plugin_version}</span>
                  {resting(it).length > 0 && <Chip tone="warning">Paused</Chip>}
                  <Failing failures={failed} now={now} />
                </h3>
                {plugin?.description && <p className="line-clamp-2 text-muted">{plugin.description}</p>}
                <p className="pt-1 text-small text-muted">
                  {it.hooks.map(hookShort).join(" · ") || "Allowed to do nothing"}
                  {rivals.length > 1 && ` · asked ${nth(rivals.indexOf(it) + 1)} of ${rivals.length}`}
                </p>
              </div>
              <div className="ml-auto flex shrink-0 items-center gap-1">
                <OnOff installation={it} />
                <Menu trigger={<IconButton label={`More for ${it.plugin_name}`} path={more} />}>
                  <MenuItem icon={settings} onPick={() => location.assign(settingsHref("plugins", it.id))}>
                    Configure plugin
                  </MenuItem>
                  {earlier >= 0 && !busy && (
                    <MenuItem icon={up} onPick={() => move(all, at, earlier)}>
                      Ask earlier
                    </MenuItem>
                  )}
                  {later >= 0 && !busy && (
                    <MenuItem icon={downward} onPick={() => move(all, at, later)}>
                      Ask later
                    </MenuItem>
                  )}
                </Menu>
                <a
                  href={settingsHref("plugins", it.id)}
                  aria-label={`Configure ${it.plugin_name}`}
                  title="Configure plugin"
                  className="grid size-8 place-items-center rounded-control text-muted hover:bg-hover hover:text-ink"
                >
                  <Icon path={right} size={20} />
                </a>
              </div>
            </li>
          );
        })}
      </ol>
    </>
  );
}

/** Failures of long ago are history, not a state. */
const FRESH_MS = 24 * 60 * 60_000;

export function isFresh(failures: readonly PluginFailure[], now: number): boolean {
  return failures.some((it) => now - Date.parse(it.last_at) < FRESH_MS);
}

function Failing({ failures, now }: { failures: readonly PluginFailure[]; now: number }) {
  const last = failures
    .map((it) => it.last_at)
    .sort()
    .at(-1);
  if (!last || !isFresh(failures, now)) return null;
  const count = failures.reduce((sum, it) => sum + it.count, 0);
  return (
    <Chip tone="danger">
      {count === 1 ? "Failed" : `Failed ${count} times, last`} {lately(last, now)}
    </Chip>
  );
}

function nth(place: number): string {
  return ["first", "second", "third"][place - 1] ?? `${place}th`;
}
