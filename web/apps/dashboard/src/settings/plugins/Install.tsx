// Installing: what it does, what it may reach, how it is set up; then it is at work.

import { Refused, sentence, type UploadedPlugin } from "@deskbell/client";
import { type FormEvent, useState } from "react";
import { settingsHref } from "../../desk/useSettings.ts";
import { Button } from "../../parts/Button.tsx";
import { Dialog } from "../../parts/Dialog.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { Columns, Input, Members } from "../form/Form.tsx";
import { ROOT, useForm } from "../form/useForm.ts";
import { type Granted, Grants } from "./Grants.tsx";
import { usePluginRequests } from "./usePlugins.ts";
import { fileSize } from "./words.ts";

interface Props {
  admitted: UploadedPlugin;
  onClose(): void;
}

const NO_SCHEMA = {};

export function Install({ admitted: { plugin, plugin_version: it }, onClose }: Props) {
  const requests = usePluginRequests();
  const schema = it.manifest.config ?? NO_SCHEMA;
  const hasConfig = Object.keys(schema).length > 0;
  const form = useForm(schema, undefined, { fresh: true });
  // What it does is why one installs it; what it may reach, one has to say.
  const [granted, setGranted] = useState<Granted>({ hooks: it.hooks, capabilities: [] });
  const [enabled, setEnabled] = useState(true);
  const [busy, setBusy] = useState(false);
  const [problems, setProblems] = useState<readonly string[]>([]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setProblems([]);
    const config = hasConfig ? form.read() : {};
    if (config === null) return;
    setBusy(true);
    try {
      const made = await requests.install({
        plugin_id: plugin.id,
        hooks: [...granted.hooks],
        capabilities: [...granted.capabilities],
        config,
        enabled,
      });
      onClose();
      location.assign(settingsHref("plugins", made.id));
    } catch (error) {
      const errors = error instanceof Refused ? error.problem.errors : [];
      const elsewhere = form.refuse(errors);
      setProblems(errors.length > 0 ? elsewhere : [sentence(error)]);
      setBusy(false);
    }
  };

  return (
    <Dialog wide form title={`Install ${plugin.name}`} text={plugin.description} onClose={onClose}>
      <form onSubmit={submit} noValidate className="flex min-h-0 flex-col">
        <div className="grid min-h-0 gap-6 overflow-y-auto px-4 pt-1 pb-4">
          <p className="text-small text-muted wrap-anywhere">
            {[it.plugin_version, it.manifest.publisher, it.manifest.license, fileSize(it.size)]
              .filter(Boolean)
              .join(" · ")}
          </p>
          <Grants of={it} granted={granted} onChange={setGranted} />
          {hasConfig && (
            <section className="grid gap-4">
              <h3 className="text-heading font-semibold">How it is set up</h3>
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
            </section>
          )}
        </div>
        <div className="grid shrink-0 gap-3 border-t border-line p-4">
          {problems.length > 0 && (
            <Notice tone="danger">
              <p>Not installed. What you filled in is kept.</p>
              {problems.map((detail) => (
                <p key={detail}>{detail}</p>
              ))}
            </Notice>
          )}
          <footer className="flex flex-wrap items-center justify-end gap-2">
            <label className="flex flex-[1_1_12rem] items-center gap-2 whitespace-nowrap">
              <input
                type="checkbox"
                className="size-4 accent-accent"
                checked={enabled}
                onChange={(event) => setEnabled(event.target.checked)}
              />
              Switch it on at once
            </label>
            <Button onClick={onClose}>Cancel</Button>
            <Button type="submit" kind="filled" disabled={busy}>
              {busy ? "Installing" : "Install plugin"}
            </Button>
          </footer>
        </div>
      </form>
    </Dialog>
  );
}
