// Which bot answers first at an inbox, out of the plugins that can.

import type { Installation } from "@deskbell/client";
import { settingsHref } from "../../desk/useSettings.ts";
import { described, Field, SELECT } from "../../parts/Field.tsx";
import type { PluginRequests } from "../plugins/requests.ts";
import { usePlugins } from "../plugins/usePlugins.ts";

interface Props {
  chosen: string;
  problem: string | undefined;
  onChange(installation: string): void;
}

const load = (requests: PluginRequests) => requests.installations();
const NONE: readonly Installation[] = [];

export function Bot({ chosen, problem, onChange }: Props) {
  const { data, problem: unloaded } = usePlugins(load);
  const bots = (data ?? NONE).filter((it) => it.hooks.includes("bot"));
  const gone = chosen !== "" && data !== null && !bots.some((it) => it.id === chosen);
  const off = bots.some((it) => it.id === chosen && !it.enabled);
  const hint = unloaded ? (
    `The bots did not load. ${unloaded}`
  ) : data && bots.length === 0 ? (
    <>
      No plugin here can answer visitors.{" "}
      <a href={settingsHref("plugins")} className="text-accent-text underline">
        Install one that can
      </a>
      .
    </>
  ) : off ? (
    "It is switched off, so people answer at once."
  ) : (
    "It answers first and hands over to people. Visitors can ask for a person at any time."
  );
  return (
    <Field id="inbox-bot" label="Bot" hint={hint} problem={problem}>
      <select
        {...described("inbox-bot", true, problem)}
        value={chosen}
        className={SELECT}
        onChange={(event) => onChange(event.target.value)}
      >
        <option value="">None, people answer at once</option>
        {bots.map((it) => (
          <option key={it.id} value={it.id}>
            {it.plugin_name}
            {it.enabled ? "" : " (off)"}
          </option>
        ))}
        {(gone || (chosen !== "" && !data)) && (
          <option value={chosen}>{gone ? "A bot that is gone" : "Loading"}</option>
        )}
      </select>
    </Field>
  );
}
