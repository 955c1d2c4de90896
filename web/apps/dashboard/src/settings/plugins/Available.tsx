// Plugins that could be installed: those that come with Deskbell, and files that
// were uploaded.

import {
  type CatalogueEntry,
  type Hook,
  type Installation,
  type Plugin,
  sentence,
  type UploadedPlugin,
} from "@deskbell/client";
import { bin, plug } from "@deskbell/ui/icons";
import { useState } from "react";
import { Button, IconButton } from "../../parts/Button.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { CARD, Part } from "../Heading.tsx";
import { usePluginRequests } from "./usePlugins.ts";
import { hookShort } from "./words.ts";

export interface Offer {
  key: string;
  name: string;
  version: string;
  publisher: string;
  description: string;
  hooks: readonly Hook[];
  /** Comes with Deskbell; otherwise somebody uploaded it. */
  builtIn: boolean;
  plugin: Plugin | null;
}

/** What is not installed yet, by name. */
export function available(
  catalogue: readonly CatalogueEntry[],
  plugins: readonly Plugin[],
  installations: readonly Installation[],
): Offer[] {
  const installed = new Set(installations.map((it) => it.plugin_key));
  const uploaded = plugins.filter((it) => !catalogue.some((entry) => entry.key === it.key));
  const offers: Offer[] = [
    ...catalogue.map((it) => ({
      ...it,
      builtIn: true,
      plugin: plugins.find((plugin) => plugin.key === it.key) ?? null,
    })),
    ...uploaded.map((plugin) => ({
      ...plugin,
      version: plugin.latest_version,
      hooks: [],
      builtIn: false,
      plugin,
    })),
  ];
  return offers.filter((it) => !installed.has(it.key)).sort((a, b) => a.name.localeCompare(b.name));
}

interface Props {
  all: readonly Offer[];
  onChoose(admitted: UploadedPlugin): void;
  onForgotten(): void;
}

export function Available({ all, onChoose, onForgotten }: Props) {
  return (
    <Part
      title="Available"
      text="They come with Deskbell, or were uploaded. A .wasm file can also be dropped anywhere on this page."
    >
      {all.length === 0 ? (
        <p className="text-muted">Everything there is, is installed. A .wasm file you upload appears here.</p>
      ) : (
        <ul className="grid gap-3 views:grid-cols-2">
          {all.map((it) => (
            <Card key={it.key} offer={it} onChoose={onChoose} onForgotten={onForgotten} />
          ))}
        </ul>
      )}
    </Part>
  );
}

function Card({ offer, onChoose, onForgotten }: { offer: Offer } & Omit<Props, "all">) {
  const requests = usePluginRequests();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const attempt = async (what: () => Promise<void>) => {
    setBusy(true);
    setProblem(null);
    try {
      await what();
    } catch (error) {
      setProblem(sentence(error));
    } finally {
      setBusy(false);
    }
  };
  const choose = () =>
    attempt(async () => {
      const { plugin } = offer;
      if (offer.builtIn || !plugin) return onChoose(await requests.take(offer.key));
      const versions = await requests.versions(plugin.id);
      const latest = versions.find((it) => it.plugin_version === plugin.latest_version) ?? versions[0];
      if (latest) onChoose({ plugin, plugin_version: latest });
    });
  const forget = () =>
    attempt(async () => {
      if (offer.plugin) await requests.forget(offer.plugin.id);
      onForgotten();
    });
  return (
    <li className={`${CARD} flex flex-col gap-3 p-4`}>
      <div className="flex flex-1 gap-3">
        <span className="grid size-9 shrink-0 place-items-center rounded-control bg-hover text-muted">
          <Icon path={plug} size={20} />
        </span>
        <div className="min-w-0 flex-1">
          <h3 className="font-semibold wrap-anywhere">{offer.name}</h3>
          <p className="text-small text-muted wrap-anywhere">
            {offer.version} · {offer.publisher}
            {!offer.builtIn && " · uploaded"}
          </p>
          <p className="pt-1.5">{offer.description}</p>
          {offer.hooks.length > 0 && (
            <p className="pt-1.5 text-small text-muted">{offer.hooks.map(hookShort).join(" · ")}</p>
          )}
        </div>
      </div>
      {problem && (
        <Notice tone="danger">
          <p>{problem}</p>
        </Notice>
      )}
      <div className="flex justify-end gap-2">
        {!offer.builtIn && (
          <IconButton label={`Delete ${offer.name}`} path={bin} disabled={busy} onClick={() => void forget()} />
        )}
        <Button aria-label={`Install ${offer.name}`} disabled={busy} onClick={() => void choose()}>
          {busy ? "Checking" : "Install"}
        </Button>
      </div>
    </li>
  );
}
