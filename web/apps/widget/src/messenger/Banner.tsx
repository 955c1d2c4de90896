// The honest banner: only when the line has been gone for a while, once, and with
// what is kept.

import type { Messenger } from "@deskbell/client";
import { offline as offlineIcon } from "@deskbell/ui/icons";
import { useOffline, useStore } from "./hooks.ts";
import { Icon } from "./Icon.tsx";

export function Banner({ messenger }: { messenger: Messenger }) {
  const link = useStore(messenger.link);
  const offline = useOffline(link);
  return (
    <div role="status">
      {offline && (
        <p class="banner">
          <Icon path={offlineIcon} size={16} />
          <span>
            {navigator.onLine ? "Connecting again." : "You are offline."} What you write is kept and goes out when you
            are back.
          </span>
        </p>
      )}
      {link === "ended" && (
        <p class="banner">
          <Icon path={offlineIcon} size={16} />
          <span>The desk has ended this session. Load the page again to go on.</span>
        </p>
      )}
    </div>
  );
}
