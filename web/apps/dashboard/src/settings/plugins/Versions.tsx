// Which versions are here, what each wants more or less than the one in use, and the
// way to another one or back.

import { type Installation, type OfferedVersion, sentence } from "@deskbell/client";
import { lately } from "@deskbell/ui";
import { useState } from "react";
import { useNow } from "../../desk/useDesk.ts";
import { settingsHref } from "../../desk/useSettings.ts";
import { Button } from "../../parts/Button.tsx";
import { Chip } from "../../parts/Chip.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { CARD, Part } from "../Heading.tsx";
import { usePluginRequests } from "./usePlugins.ts";
import { compareVersions, newestVersionFirst } from "./version-order.ts";
import { fileSize } from "./words.ts";

interface Props {
  installation: Installation;
  versions: readonly OfferedVersion[];
}

const FIRST = 4;

export function Versions({ installation, versions }: Props) {
  const now = useNow(60_000);
  const { plugin_version: used, previous_version: before } = installation;
  const [back, setBack] = useState(false);
  const [whole, setWhole] = useState(false);
  const all = newestVersionFirst(versions);
  const current = all.find((it) => it.plugin_version === used);
  const shown = whole ? all : all.filter((it, at) => at < FIRST || it === current || it.plugin_version === before);
  return (
    <Part
      title="Versions"
      text="A call under way ends on the version it began with."
      aside={before && <Button onClick={() => setBack(true)}>Roll back to {before}</Button>}
    >
      <ul aria-label="Versions" className={`${CARD} divide-y divide-line`}>
        {shown.map((it) => {
          const newer = compareVersions(it.plugin_version, used) > 0;
          return (
            <li key={it.plugin_version} className="flex flex-wrap items-start gap-x-4 gap-y-2 p-4">
              <div className="grid min-w-0 flex-[1_1_14rem] gap-1">
                <h3 className="flex flex-wrap items-center gap-2 font-semibold tabular-nums">
                  {it.plugin_version}
                  {it === current && <Chip tone="success">In use</Chip>}
                  {it.plugin_version === before && <Chip>In use before</Chip>}
                </h3>
                <p className="text-small text-muted">
                  Added {lately(it.created_at, now)} · {fileSize(it.size)}
                </p>
                {it !== current && (
                  <div className="text-small">
                    <Difference of={it} />
                  </div>
                )}
              </div>
              {it !== current && (
                <Button
                  kind={newer ? "filled" : "plain"}
                  aria-label={`${newer ? "Upgrade to" : "Use this version,"} ${it.plugin_version}`}
                  onClick={() => location.assign(settingsHref("plugins", installation.id, it.plugin_version))}
                >
                  {newer ? "Upgrade" : "Use this version"}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {shown.length < all.length && (
        <Button className="justify-self-start" onClick={() => setWhole(true)}>
          Show all {all.length} versions
        </Button>
      )}
      {back && before && <RollBack installation={installation} before={before} onClose={() => setBack(false)} />}
    </Part>
  );
}

/** What it wants more or less, as the server says it. */
export function Difference({ of: { difference } }: { of: OfferedVersion }) {
  if (!difference?.length) return <p className="text-muted">It wants the same as the one in use.</p>;
  return (
    <ul aria-label="What changes" className="grid gap-1">
      {difference.map((each) => (
        <li key={each} className="flex items-baseline gap-2">
          <span aria-hidden="true" className="size-1.5 shrink-0 -translate-y-0.5 rounded-full bg-muted" />
          <span className="min-w-0 wrap-anywhere">{each}</span>
        </li>
      ))}
    </ul>
  );
}

interface RollBackProps {
  installation: Installation;
  before: string;
  onClose(): void;
}

function RollBack({ installation, before, onClose }: RollBackProps) {
  const requests = usePluginRequests();
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const rollBack = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await requests.rollBack(installation.id);
      onClose();
    } catch (error) {
      setProblem(sentence(error));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={`Roll back to ${before}`}
      text={`${installation.plugin_version} is not asked any more. What was allowed and set up for ${before} holds again.`}
      onClose={onClose}
    >
      <div className="grid gap-4 p-4 pt-1">
        {problem && (
          <Notice tone="danger">
            <p>Not rolled back. {problem}</p>
          </Notice>
        )}
        <footer className="flex justify-end gap-2">
          <Button onClick={onClose}>Keep {installation.plugin_version}</Button>
          <Button kind="filled" disabled={busy} onClick={() => void rollBack()}>
            Roll back plugin
          </Button>
        </footer>
      </div>
    </Dialog>
  );
}
