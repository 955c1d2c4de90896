// One line above everything: the connection when it is gone for more than two
// seconds, or what could not be done.

import { alert, cross, offline as offlineIcon } from "@deskbell/ui/icons";
import { useEffect, useState } from "react";
import { useDesk, useStore } from "../desk/useDesk.ts";
import { IconButton } from "../parts/Button.tsx";
import { Icon } from "../parts/Icon.tsx";

const QUIET_MS = 2_000;

interface Props {
  notice: string | null;
  onDismiss(): void;
}

export function Banner({ notice, onDismiss }: Props) {
  const offline = useOffline();
  return (
    <div role="status" className="shrink-0">
      {offline && (
        <p className="flex items-center gap-2 border-b border-warning-line bg-warning-tint px-4 py-1.5 text-warning-text">
          <Icon path={offlineIcon} />
          {navigator.onLine ? "Connecting again." : "You are offline."} What you write is kept and goes out when you are
          back.
        </p>
      )}
      {notice && (
        <p className="flex items-center gap-2 border-b border-danger-line bg-danger-tint py-1 pr-2 pl-4 text-danger-text">
          <Icon path={alert} />
          <span className="flex-1">{notice}</span>
          <IconButton label="Dismiss" path={cross} size={16} onClick={onDismiss} />
        </p>
      )}
    </div>
  );
}

function useOffline(): boolean {
  const link = useStore(useDesk().link);
  const gone = link === "connecting" || link === "waiting";
  const [offline, setOffline] = useState(false);
  useEffect(() => {
    if (!gone) {
      setOffline(false);
      return;
    }
    const timer = setTimeout(() => setOffline(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, [gone]);
  return offline;
}
