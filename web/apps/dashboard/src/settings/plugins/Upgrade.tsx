// To another version: what it wants more or less, what is allowed, and how it is set
// up where that changes. Either all of it holds, or everything stays as it was.

import { type Installation, type OfferedVersion, Refused, sentence } from "@deskbell/client";
import { type FormEvent, useCallback, useState } from "react";
import { settingsHref } from "../../desk/useSettings.ts";
import { Button } from "../../parts/Button.tsx";
import { Failed, Skeletons } from "../../parts/Empty.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { Columns, Input, Members } from "../form/Form.tsx";
import { ROOT, useForm } from "../form/useForm.ts";
import { CARD, Heading, Part } from "../Heading.tsx";
import { type Granted, Grants } from "./Grants.tsx";
import type { PluginRequests } from "./requests.ts";
import { usePluginRequests, usePlugins } from "./usePlugins.ts";
import { Difference } from "./Versions.tsx";
import { compareVersions } from "./version-order.ts";

export function Upgrade({ id, version }: { id: string; version: string }) {
  const load = useCallback(
    async (requests: PluginRequests) => {
      const installation = await requests.installation(id);
      return { installation, versions: await requests.versions(installation.plugin_id) };
    },
    [id],
  );
  const { data, problem, reload } = usePlugins(load);
  const to = data?.versions.find((it) => it.plugin_version === version);
  const from = { name: data?.installation.plugin_name ?? "Plugin", href: settingsHref("plugins", id) };
  if (!data || !to) {
    return (
      <>
        <Heading title="Another version" text="" from={from} />
        {problem || data ? (
          <Failed what={`This version did not load. ${problem ?? "Its file is not here."}`} onRetry={reload} />
        ) : (
          <Skeletons count={3} />
        )}
      </>
    );
  }
  const { installation } = data;
  const used = installation.plugin_version;
  const newer = compareVersions(version, used) > 0;
  return (
    <>
      <Heading
        title={`${newer ? "Upgrade" : "Change"} ${installation.plugin_name} to ${version}`}
        text={`${used} is in use. It stays here, and you can roll back to it.`}
        from={from}
      />
      <Editor
        installation={installation}
        from={data.versions.find((it) => it.plugin_version === used)}
        to={to}
        verb={newer ? "Upgrade plugin" : "Use this version"}
      />
    </>
  );
}

/** What is allowed stays so. New work is why one upgrades; new reach, one has to allow. */
export function carriedOver(installation: Granted, from: Granted | undefined, to: Granted): Granted {
  return {
    hooks: to.hooks.filter((it) => installation.hooks.includes(it) || (from && !from.hooks.includes(it))),
    capabilities: to.capabilities.filter((it) => installation.capabilities.includes(it)),
  };
}

const NO_SCHEMA = {};

interface Props {
  installation: Installation;
  /** Null if its file is gone. */
  from: OfferedVersion | undefined;
  to: OfferedVersion;
  verb: string;
}

function Editor({ installation, from, to, verb }: Props) {
  const requests = usePluginRequests();
  const schema = to.manifest.config ?? NO_SCHEMA;
  const asks = Object.keys(schema).length > 0 && JSON.stringify(schema) !== JSON.stringify(from?.manifest.config);
  const form = useForm(schema, installation.config);
  const [granted, setGranted] = useState(() => carriedOver(installation, from, to));
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<readonly string[]>([]);
  const back = settingsHref("plugins", installation.id);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setProblems([]);
    const config = asks ? form.read() : undefined;
    if (config === null) return setProblems(["See the marked fields."]);
    setBusy(true);
    try {
      await requests.upgrade(installation.id, {
        plugin_version: to.plugin_version,
        hooks: [...granted.hooks],
        capabilities: [...granted.capabilities],
        ...(config && { config }),
      });
      location.assign(back);
    } catch (error) {
      const errors = error instanceof Refused ? error.problem.errors : [];
      const elsewhere = asks ? form.refuse(errors) : errors.map((it) => it.detail);
      setProblems(errors.length > 0 ? elsewhere : [sentence(error)]);
      setBusy(false);
    }
  };

  return (
    <form onSubmit={submit} noValidate className="grid gap-6">
      <Part title="What changes">
        <div className={`${CARD} p-4`}>
          <Difference of={to} />
        </div>
      </Part>
      <Part title="What you allow">
        <div className={`${CARD} p-4`}>
          <Grants of={to} before={from} granted={granted} onChange={setGranted} />
        </div>
      </Part>
      {asks && (
        <Part title="How it is set up" text="This version asks for something else than the one in use.">
          <div className={`${CARD} grid gap-5 p-4`}>
            {form.field.kind === "group" ? (
              <Columns>
                <Members {...form} field={form.field} pointer={ROOT} onChange={form.change} />
              </Columns>
            ) : (
              <Input {...form} pointer={ROOT} onChange={form.change} />
            )}
            {form.field.kind === "group" && form.problems[ROOT] && (
              <Notice tone="danger">
                <p>{form.problems[ROOT]}</p>
              </Notice>
            )}
          </div>
        </Part>
      )}
      {problems.length > 0 && (
        <Notice tone="danger">
          <p>Not changed. {installation.plugin_version} is still in use.</p>
          {problems.map((detail) => (
            <p key={detail}>{detail}</p>
          ))}
        </Notice>
      )}
      <footer className="flex flex-wrap justify-end gap-2">
        <Button disabled={busy} onClick={() => location.assign(back)}>
          Keep {installation.plugin_version}
        </Button>
        <Button type="submit" kind="filled" disabled={busy}>
          {busy ? "Changing" : verb}
        </Button>
      </footer>
    </form>
  );
}
