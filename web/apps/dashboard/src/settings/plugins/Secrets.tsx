// What a plugin needs and never sees: keys that Deskbell puts into its requests.
// They are written and replaced here; nobody reads them again, not even here.

import { type Installation, type PluginSecret, sentence } from "@deskbell/client";
import { lately } from "@deskbell/ui";
import { key as keyIcon } from "@deskbell/ui/icons";
import { type FormEvent, useCallback, useEffect, useState } from "react";
import { useNow } from "../../desk/useDesk.ts";
import { Button } from "../../parts/Button.tsx";
import { Chip } from "../../parts/Chip.tsx";
import { described, Field, INPUT } from "../../parts/Field.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { CARD, Part } from "../Heading.tsx";
import { usePluginRequests } from "./usePlugins.ts";

export function Secrets({ installation }: { installation: Installation }) {
  const requests = usePluginRequests();
  const { id, version } = installation;
  const [all, setAll] = useState<readonly PluginSecret[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const load = useCallback(
    () =>
      requests.secrets(id).then(
        (found) => {
          setAll(found);
          setProblem(null);
        },
        (error) => setProblem(sentence(error)),
      ),
    [requests, id],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: another version may want other secrets.
  useEffect(() => void load(), [load, version]);
  if (problem) {
    return (
      <Part title="Secrets">
        <Notice tone="warning">
          <p>The secrets did not load. {problem}</p>
        </Notice>
      </Part>
    );
  }
  if (!all || all.length === 0) return null;
  return (
    <Part
      title="Secrets"
      text="Deskbell puts them into the plugin's requests. The plugin never sees them, and nobody can read them here again."
    >
      <ul className={`${CARD} divide-y divide-line`}>
        {all.map((it) => (
          <Secret key={it.name} secret={it} installation={id} onChanged={load} />
        ))}
      </ul>
    </Part>
  );
}

interface SecretProps {
  secret: PluginSecret;
  installation: string;
  onChanged(): Promise<void>;
}

function Secret({ secret, installation, onChanged }: SecretProps) {
  const { name, title, description, hosts, oauth2, set, updated_at } = secret;
  const requests = usePluginRequests();
  const now = useNow(60_000);
  const [doing, setDoing] = useState<"writing" | "removing" | null>(null);
  const [value, setValue] = useState("");
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | undefined>();
  const id = `secret-${name}`;
  const label = title || name;
  const leave = () => {
    setDoing(null);
    setValue("");
    setProblem(undefined);
  };
  const attempt = async (what: () => Promise<unknown>) => {
    setBusy(true);
    setProblem(undefined);
    try {
      await what();
      leave();
      await onChanged();
    } catch (error) {
      setProblem(sentence(error));
    } finally {
      setBusy(false);
    }
  };
  const write = (event: FormEvent) => {
    event.preventDefault();
    if (value === "") return setProblem("Fill this in.");
    void attempt(() => requests.setSecret(installation, name, value));
  };
  return (
    <li className="grid gap-3 p-4">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2">
        <span className="grid size-9 shrink-0 place-items-center rounded-control bg-hover text-muted">
          <Icon path={keyIcon} size={20} />
        </span>
        <div className="min-w-0 flex-[1_1_14rem]">
          <h3 className="flex flex-wrap items-center gap-2 font-semibold wrap-anywhere">
            {label}
            {set ? (
              <Chip tone="success">{updated_at ? `Set ${lately(updated_at, now)}` : "Set"}</Chip>
            ) : (
              <Chip tone="warning">Not set</Chip>
            )}
          </h3>
          {description && <p className="wrap-anywhere">{description}</p>}
          <p className="text-small text-muted wrap-anywhere">
            {oauth2 && "Deskbell gets access tokens with it and sends those. "}
            {hosts.length > 0 ? `Goes to ${[...new Set(hosts)].join(", ")} and nowhere else.` : "Goes to no host."}
          </p>
        </div>
        {doing === null && (
          <div className="ml-auto flex gap-2">
            {set && (
              <Button aria-label={`Remove ${label}`} onClick={() => setDoing("removing")}>
                Remove
              </Button>
            )}
            <Button
              kind={set ? "plain" : "filled"}
              aria-label={`${set ? "Replace" : "Set"} ${label}`}
              onClick={() => setDoing("writing")}
            >
              {set ? "Replace" : "Set"}
            </Button>
          </div>
        )}
      </div>
      {doing === "writing" && (
        <form noValidate onSubmit={write} className="grid gap-3">
          <Field id={id} label={set ? "New value" : "Value"} problem={problem}>
            <input
              {...described(id, false, problem)}
              type="password"
              autoComplete="off"
              // biome-ignore lint/a11y/noAutofocus: one has just asked for it.
              autoFocus
              value={value}
              className={INPUT}
              onChange={(event) => setValue(event.target.value)}
            />
          </Field>
          <footer className="flex justify-end gap-2">
            <Button disabled={busy} onClick={leave}>
              Cancel
            </Button>
            <Button type="submit" kind="filled" disabled={busy}>
              {busy ? "Saving" : "Save secret"}
            </Button>
          </footer>
        </form>
      )}
      {doing === "removing" && (
        <div className="grid gap-3">
          {problem && (
            <Notice tone="danger">
              <p>Not removed. {problem}</p>
            </Notice>
          )}
          <div className="flex flex-wrap items-center justify-end gap-2">
            <p className="flex-[1_1_12rem]">Its requests fail until it is set again.</p>
            <Button disabled={busy} onClick={leave}>
              Keep secret
            </Button>
            <Button
              kind="danger"
              disabled={busy}
              onClick={() => void attempt(() => requests.removeSecret(installation, name))}
            >
              Remove secret
            </Button>
          </div>
        </div>
      )}
    </li>
  );
}
