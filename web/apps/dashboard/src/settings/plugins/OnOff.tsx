// Switches an installation on or off at once, and says which of the four it is:
// on, off, or on the way to either.

import { type Installation, sentence } from "@deskbell/client";
import { useState } from "react";
import { Switch } from "../../parts/Switch.tsx";
import { usePluginRequests } from "./usePlugins.ts";

export function OnOff({ installation }: { installation: Installation }) {
  const requests = usePluginRequests();
  const [wanted, setWanted] = useState<{ on: boolean; version: number } | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  // Until the list tells of it, this is what the server has answered.
  const on = wanted && wanted.version >= installation.version ? wanted.on : installation.enabled;
  const [busy, setBusy] = useState(false);

  const change = async (next: boolean) => {
    setProblem(null);
    setBusy(true);
    setWanted({ on: next, version: installation.version });
    try {
      const now = await (next ? requests.enable(installation.id) : requests.disable(installation.id));
      setWanted({ on: now.enabled, version: now.version });
    } catch (error) {
      setWanted(null);
      setProblem(`${next ? "Not switched on." : "Not switched off."} ${sentence(error)}`);
    } finally {
      setBusy(false);
    }
  };

  return (
    <div className="grid justify-items-end gap-1">
      <span className="flex items-center gap-2">
        <span className="text-small text-muted" aria-live="polite">
          {busy ? (on ? "Switching on" : "Switching off") : on ? "On" : "Off"}
        </span>
        <Switch label={`${installation.plugin_name} is on`} on={on} busy={busy} onChange={change} />
      </span>
      {problem && (
        <p role="alert" className="max-w-56 text-right text-small text-danger-text">
          {problem}
        </p>
      )}
    </div>
  );
}
