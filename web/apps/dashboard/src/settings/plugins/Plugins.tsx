// The plugins of this desk: what is installed, what can be, and a place to put a
// file of one's own.

import type { UploadedPlugin } from "@deskbell/client";
import { plug, upload as uploadIcon } from "@deskbell/ui/icons";
import { useState } from "react";
import { settingsHref } from "../../desk/useSettings.ts";
import { Button } from "../../parts/Button.tsx";
import { Empty, Failed, Skeletons } from "../../parts/Empty.tsx";
import { Notice } from "../../parts/Notice.tsx";
import { CARD, Heading, Part } from "../Heading.tsx";
import { Available, available } from "./Available.tsx";
import { Install } from "./Install.tsx";
import { Installed } from "./Installed.tsx";
import type { PluginRequests } from "./requests.ts";
import { Drop, Refusal, useUpload } from "./Upload.tsx";
import { usePlugins } from "./usePlugins.ts";

async function everything(requests: PluginRequests) {
  const [catalogue, plugins, installations] = await Promise.all([
    requests.catalogue(),
    requests.plugins(),
    requests.installations(),
  ]);
  const failures = await Promise.all(
    // A list of failures that does not come must not hide the plugins.
    installations.map((it) => requests.failures(it.id).catch(() => [])),
  );
  return { catalogue, plugins, installations, failures: failures.flat() };
}

export function Plugins() {
  const { data, problem, reload } = usePlugins(everything);
  const [chosen, setChosen] = useState<UploadedPlugin | null>(null);
  // A new version of what is installed is looked at there.
  const choose = (admitted: UploadedPlugin) => {
    const installed = data?.installations.find((it) => it.plugin_id === admitted.plugin.id);
    if (!installed) setChosen(admitted);
    else location.assign(settingsHref("plugins", installed.id, admitted.plugin_version.plugin_version));
  };
  const upload = useUpload(choose);
  return (
    <Drop onFile={upload.send}>
      <Heading
        title="Plugins"
        text="Small programs that change how this desk works. Each runs in a sandbox and reaches only what you allow."
      >
        <Button kind="filled" icon={uploadIcon} disabled={upload.busy !== null} onClick={upload.choose}>
          Upload plugin
        </Button>
      </Heading>
      {upload.input}
      {upload.busy && (
        <Notice tone="plain">
          <p>
            Checking <b className="font-medium">{upload.busy}</b>. This can take some seconds.
          </p>
        </Notice>
      )}
      {upload.refused && <Refusal {...upload.refused} onChoose={upload.choose} onDismiss={upload.dismiss} />}
      {data === null ? (
        problem ? (
          <Failed what={`The plugins did not load. ${problem}`} onRetry={reload} />
        ) : (
          <Skeletons count={4} />
        )
      ) : (
        <>
          {problem && (
            <Notice tone="warning">
              <p>This list may be out of date. {problem}</p>
            </Notice>
          )}
          <Part title="Installed">
            {data.installations.length === 0 ? (
              <div className={CARD}>
                <Empty icon={plug} title="No plugins yet">
                  Install one from the list below, or upload a file. Until then the desk decides by itself.
                </Empty>
              </div>
            ) : (
              <Installed installations={data.installations} plugins={data.plugins} failures={data.failures} />
            )}
          </Part>
          <Available
            all={available(data.catalogue, data.plugins, data.installations)}
            onChoose={choose}
            onForgotten={reload}
          />
        </>
      )}
      {chosen && <Install admitted={chosen} onClose={() => setChosen(null)} />}
    </Drop>
  );
}
