// One installation: how it is doing, how it is set up, what it may do, and the way
// out.

import { type AgentEvent, type Installation, type PluginVersion, sentence } from "@deskbell/client";
import { plug } from "@deskbell/ui/icons";
import { useCallback, useState } from "react";
import { settingsHref } from "../../desk/useSettings.ts";
import { Button } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Empty, Failed, Skeletons } from "../../parts/Empty.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { CARD, Heading, Part } from "../Heading.tsx";
import { Breakers } from "./Breakers.tsx";
import { Calls } from "./Calls.tsx";
import { Configuration } from "./Configuration.tsx";
import { Failures } from "./Failures.tsx";
import { Figures } from "./Figures.tsx";
import { type Granted, Grants } from "./Grants.tsx";
import { isFresh } from "./Installed.tsx";
import { Limits } from "./Limits.tsx";
import { Log } from "./Log.tsx";
import { OnFailure } from "./OnFailure.tsx";
import { OnOff } from "./OnOff.tsx";
import { Parked } from "./Parked.tsx";
import { Recording } from "./Recording.tsx";
import type { PluginRequests } from "./requests.ts";
import { Secrets } from "./Secrets.tsx";
import { usePluginRequests, usePlugins } from "./usePlugins.ts";
import { Versions } from "./Versions.tsx";
import { Webhooks } from "./Webhooks.tsx";
import { fileSize } from "./words.ts";

const FROM = { name: "Plugins", href: settingsHref("plugins") };

export function Detail({ id }: { id: string }) {
  const load = useCallback(
    async (requests: PluginRequests) => {
      const installation = await requests.installation(id);
      const [versions, failures] = await Promise.all([
        requests.versions(installation.plugin_id),
        requests.failures(id).catch(() => []),
      ]);
      const version = versions.find((it) => it.plugin_version === installation.plugin_version);
      return { installation, version, versions, failures };
    },
    [id],
  );
  const gone = useCallback((event: AgentEvent) => uninstalled(event) === id, [id]);
  const { data, problem, reload, isGone } = usePlugins(load, gone);
  const [leaving, setLeaving] = useState(false);
  if (isGone) {
    return (
      <>
        <Heading title={data?.installation.plugin_name ?? "Plugin"} text="" from={FROM} />
        <Empty icon={plug} title="It was uninstalled">
          It is not asked any more. Its file is still there, to be installed again.
        </Empty>
      </>
    );
  }
  if (!data?.version) {
    return (
      <>
        <Heading title="Plugin" text="" from={FROM} />
        {problem || data ? (
          <Failed what={`This plugin did not load. ${problem ?? "Its file is missing."}`} onRetry={reload} />
        ) : (
          <Skeletons count={4} />
        )}
      </>
    );
  }
  const { installation, version, versions, failures } = data;
  const { manifest } = version;
  const failing = isFresh(failures, Date.now());
  return (
    <>
      <Heading
        title={installation.plugin_name}
        text={
          <>
            <p>{manifest.description}</p>
            <p className="text-small wrap-anywhere">
              {[installation.plugin_version, manifest.publisher, manifest.license].filter(Boolean).join(" · ")}
            </p>
          </>
        }
        from={FROM}
      >
        <OnOff installation={installation} />
      </Heading>
      {problem && (
        <Notice tone="warning">
          <p>This may be out of date. {problem}</p>
        </Notice>
      )}
      <div className="grid gap-2 empty:hidden">
        <Recording installation={installation} onReload={reload} />
        <Breakers installation={installation} onReload={reload} />
      </div>
      {failing && <Failures all={failures} />}
      {installation.hooks.some((it) => it === "events" || it === "webhook") && (
        <Parked key={installation.version} installation={installation.id} />
      )}
      <Configuration installation={installation} schema={manifest.config ?? {}} onReload={reload} />
      <Secrets installation={installation} />
      {installation.hooks.includes("webhook") && <Webhooks installation={installation} />}
      <Part title="What you allow">
        <Allowed installation={installation} version={version} />
      </Part>
      <Limits key={`limits ${installation.version}`} installation={installation} />
      {installation.hooks.includes("filter") && <OnFailure key={installation.version} installation={installation} />}
      <Versions installation={installation} versions={versions} />
      {!failing && <Failures all={failures} />}
      <Figures installation={installation.id} />
      <Calls installation={installation.id} />
      <Log installation={installation.id} />
      <Part
        title="About this file"
        aside={
          <a
            href={`${settingsHref("audit")}?about=${installation.id}`}
            className="rounded-control text-accent-text underline"
          >
            Show who changed this plugin
          </a>
        }
      >
        <dl className={`${CARD} grid grid-cols-[auto_1fr] gap-x-6 gap-y-1.5 p-4`}>
          <Fact name="Id">{manifest.id}</Fact>
          <Fact name="Digest">{version.digest}</Fact>
          <Fact name="Size">{fileSize(version.size)}</Fact>
          <Fact name="Added">{new Date(version.created_at).toLocaleString()}</Fact>
        </dl>
      </Part>
      <div className="flex flex-wrap items-center gap-3 border-t border-line pt-6">
        <p className="min-w-0 flex-[1_1_16rem] text-muted">
          Uninstalling forgets its configuration. Chats and past decisions stay as they are.
        </p>
        <Button kind="danger" onClick={() => setLeaving(true)}>
          Uninstall plugin
        </Button>
      </div>
      {leaving && <Uninstall installation={installation} onClose={() => setLeaving(false)} />}
    </>
  );
}

function uninstalled(event: { type: string; data: object }): unknown {
  return event.type === "installation.deleted" && "installation_id" in event.data ? event.data.installation_id : null;
}

function Fact({ name, children }: { name: string; children: string }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 font-mono text-small leading-5 wrap-anywhere">{children}</dd>
    </>
  );
}

/** A grant is given or taken at once. */
function Allowed({ installation, version }: { installation: Installation; version: PluginVersion }) {
  const requests = usePluginRequests();
  const [wanted, setWanted] = useState<Granted | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const change = async (granted: Granted) => {
    setWanted(granted);
    setProblem(null);
    try {
      await requests.change(installation, { hooks: [...granted.hooks], capabilities: [...granted.capabilities] });
    } catch (error) {
      setProblem(sentence(error));
    } finally {
      setWanted(null);
    }
  };
  return (
    <>
      {problem && (
        <Notice tone="danger">
          <p>Not changed. {problem}</p>
        </Notice>
      )}
      <div className={`${CARD} p-4`}>
        <Grants of={version} granted={wanted ?? installation} busy={wanted !== null} onChange={change} />
      </div>
    </>
  );
}

function Uninstall({ installation, onClose }: { installation: Installation; onClose(): void }) {
  const requests = usePluginRequests();
  const [problem, setProblem] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const uninstall = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await requests.uninstall(installation.id);
      onClose();
      location.assign(FROM.href);
    } catch (error) {
      setProblem(sentence(error));
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={`Uninstall ${installation.plugin_name}`}
      text="It stops at once and its configuration is forgotten. The file stays available, to be installed again."
      onClose={onClose}
    >
      <div className="grid gap-4 p-4 pt-1">
        {problem && (
          <Notice tone="danger">
            <p>Not uninstalled. {problem}</p>
          </Notice>
        )}
        <footer className="flex justify-end gap-2">
          <Button onClick={onClose}>Keep plugin</Button>
          <Button kind="danger" disabled={busy} onClick={() => void uninstall()}>
            Uninstall plugin
          </Button>
        </footer>
      </div>
    </Dialog>
  );
}
