// A file of one's own: chosen or dropped anywhere on the page. A refusal is read
// out finding by finding, and nothing that was there is touched by it.

import { Refused, sentence, type UploadedPlugin } from "@deskbell/client";
import { alert, cross, upload as uploadIcon } from "@deskbell/ui/icons";
import { type DragEvent, type ReactNode, useRef, useState } from "react";
import { Button, IconButton } from "../../parts/Button.tsx";
import { Icon } from "../../parts/Icon.tsx";
import { usePluginRequests } from "./usePlugins.ts";
import { fileSize, placeWords } from "./words.ts";

/** The server's own limit; a larger file need not travel first. */
const MOST_BYTES = 8 * 1024 * 1024;

interface Finding {
  pointer: string;
  detail: string;
}

interface RefusedFile {
  file: string;
  why: string;
  findings: readonly Finding[];
}

export function useUpload(onAdmitted: (admitted: UploadedPlugin) => void) {
  const requests = usePluginRequests();
  const input = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState<string | null>(null);
  const [refused, setRefused] = useState<RefusedFile | null>(null);

  const send = async (file: File) => {
    setRefused(null);
    if (file.size > MOST_BYTES) {
      const why = `It has ${fileSize(file.size)}; a plugin has at most ${fileSize(MOST_BYTES)}.`;
      return setRefused({ file: file.name, why, findings: [] });
    }
    setBusy(file.name);
    try {
      onAdmitted(await requests.upload(file));
    } catch (error) {
      const findings = error instanceof Refused ? error.problem.errors : [];
      setRefused({ file: file.name, why: sentence(error), findings });
    } finally {
      setBusy(null);
    }
  };

  return {
    busy,
    refused,
    send,
    choose: () => input.current?.click(),
    dismiss: () => setRefused(null),
    input: (
      <input
        ref={input}
        type="file"
        accept=".wasm,application/wasm"
        aria-label="Plugin file"
        className="hidden"
        onChange={(event) => {
          const file = event.target.files?.[0];
          // The same file, built anew, must be choosable again.
          event.target.value = "";
          if (file) void send(file);
        }}
      />
    ),
  };
}

interface RefusalProps extends RefusedFile {
  onChoose(): void;
  onDismiss(): void;
}

export function Refusal({ file, why, findings, onChoose, onDismiss }: RefusalProps) {
  return (
    <section role="alert" className="overflow-hidden rounded-card border border-danger-line bg-surface">
      <div className="flex items-start gap-3 bg-danger-tint p-4">
        <Icon path={alert} size={20} className="text-danger-text" />
        <div className="min-w-0 flex-1">
          <h2 className="font-semibold wrap-anywhere text-danger-text">{file} was refused</h2>
          <p className="wrap-anywhere">
            {findings.some((it) => it.detail === why) ? "" : `${why} `}Nothing on this desk was changed.
          </p>
        </div>
        <IconButton label="Dismiss" path={cross} size={16} onClick={onDismiss} />
      </div>
      {findings.length > 0 && (
        <ol className="divide-y divide-line border-t border-danger-line">
          {findings.map((it, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: findings have no other name and never change.
            <li key={at} className="grid gap-0.5 px-4 py-3">
              <code className="font-mono text-small wrap-anywhere">{placeWords(it.pointer)}</code>
              <p className="max-w-prose wrap-anywhere">{it.detail}</p>
            </li>
          ))}
        </ol>
      )}
      <div className="flex justify-end border-t border-line p-3">
        <Button icon={uploadIcon} onClick={onChoose}>
          Choose another file
        </Button>
      </div>
    </section>
  );
}

/** Takes a file that is dropped anywhere on the page it holds. */
export function Drop({ onFile, children }: { onFile(file: File): void; children: ReactNode }) {
  const [over, setOver] = useState(false);
  const hasFile = (event: DragEvent) => event.dataTransfer.types.includes("Files");
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is a shortcut; the button does the same.
    <div
      className={`grid gap-6 rounded-card ${over ? "outline-2 outline-offset-8 outline-accent-text outline-dashed" : ""}`}
      onDragOver={(event) => {
        if (!hasFile(event)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setOver(false);
      }}
      onDrop={(event) => {
        if (!hasFile(event)) return;
        event.preventDefault();
        setOver(false);
        const file = event.dataTransfer.files[0];
        if (file) onFile(file);
      }}
    >
      {children}
    </div>
  );
}
