// Where other systems may tell a plugin something: the addresses to copy, what they
// have to sign, and a new key when somebody has seen one who should not have.

import { type Installation, sentence, type WebhookAddress } from "@deskbell/client";
import { check, copy } from "@deskbell/ui/icons";
import { useCallback, useEffect, useState } from "react";
import { Button } from "../../parts/Button.tsx";
import { Chip } from "../../parts/Chip.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { CARD, Part } from "../Heading.tsx";
import { usePluginRequests } from "./usePlugins.ts";
import { recipeWords } from "./words.ts";

const SHOWN_MS = 2_000;

export function Webhooks({ installation }: { installation: Installation }) {
  const requests = usePluginRequests();
  const { id, version } = installation;
  const [all, setAll] = useState<readonly WebhookAddress[]>([]);
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const load = useCallback(
    () => requests.webhooks(id).then(setAll, (error) => setProblem(`They did not load. ${sentence(error)}`)),
    [requests, id],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: another version may have others.
  useEffect(() => void load(), [load, version]);
  const renew = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await requests.renewWebhookKey(id);
      await load();
      setAsking(false);
    } catch (error) {
      setProblem(`Nothing changed. ${sentence(error)}`);
    } finally {
      setBusy(false);
    }
  };
  if (all.length === 0 && !problem) return null;
  return (
    <Part
      title="Webhooks"
      text="Other systems post here what they have to tell the plugin. What does not prove where it is from is turned away."
    >
      {problem && (
        <Notice tone="warning">
          <p>{problem}</p>
        </Notice>
      )}
      <ul aria-label="Webhooks" className={`${CARD} divide-y divide-line`}>
        {all.map((it) => (
          <Address key={it.name} address={it} />
        ))}
      </ul>
      {asking ? (
        <div className="flex flex-wrap items-center gap-3">
          <p className="min-w-0 flex-[1_1_16rem]">
            The addresses above stop working at once. Enter the new ones in the other system.
          </p>
          <Button disabled={busy} onClick={() => setAsking(false)}>
            Keep them
          </Button>
          <Button kind="danger" disabled={busy} onClick={() => void renew()}>
            {busy ? "Making new ones" : "Make new addresses"}
          </Button>
        </div>
      ) : (
        <div className="flex justify-end">
          <Button onClick={() => setAsking(true)}>New addresses</Button>
        </div>
      )}
    </Part>
  );
}

function Address({ address }: { address: WebhookAddress }) {
  const [said, setSaid] = useState<"copied" | "failed" | null>(null);
  const url = `${location.origin}${address.path}`;
  const put = async () => {
    try {
      await navigator.clipboard.writeText(url);
      setSaid("copied");
    } catch {
      setSaid("failed");
    }
    setTimeout(() => setSaid(null), SHOWN_MS);
  };
  return (
    <li className="grid gap-2 p-4">
      <h3 className="flex flex-wrap items-center gap-2 font-semibold wrap-anywhere">
        {address.name}
        {!address.secret_set && <Chip tone="warning">Secret not set</Chip>}
      </h3>
      <div className="flex flex-wrap items-center gap-3">
        <code className="min-w-0 flex-[1_1_20rem] font-mono text-small wrap-anywhere">{url}</code>
        <Button icon={said === "copied" ? check : copy} onClick={() => void put()}>
          <span aria-live="polite">
            {said === "copied" ? "Copied" : said === "failed" ? "Select and copy it by hand" : "Copy address"}
          </span>
        </Button>
      </div>
      <p className="text-small text-muted wrap-anywhere">
        {address.secret_set
          ? recipeWords(address.settings.verify)
          : `Nothing is taken until you have set the secret “${address.settings.verify.secret}” on this page.`}
      </p>
    </li>
  );
}
