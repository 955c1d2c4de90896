// While calls are recorded, everybody who may see this page sees that they are, and
// can end it. It is begun by the API, by whoever wants to replay them.

import { type Installation, sentence } from "@deskbell/client";
import { clock } from "@deskbell/ui";
import { useState } from "react";
import { useNow } from "../../desk/useDesk.ts";
import { Button } from "../../parts/Button.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { usePluginRequests } from "./usePlugins.ts";

export function Recording({ installation, onReload }: { installation: Installation; onReload(): void }) {
  const requests = usePluginRequests();
  const now = useNow();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const until = installation.recorded_until;
  if (!until || Date.parse(until) <= now) return null;
  const stop = async () => {
    setBusy(true);
    setProblem(null);
    try {
      await requests.change(installation, { recording: { until: null } });
      onReload();
    } catch (error) {
      setProblem(sentence(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Notice
      tone="warning"
      action={
        <Button disabled={busy} onClick={() => void stop()}>
          Stop recording
        </Button>
      }
    >
      <p>
        Its calls are recorded until {clock(until)}, with what people write in them.
        {problem && <> Not stopped. {problem}</>}
      </p>
    </Notice>
  );
}
