// The states a list has when it has nothing to show.

import { alert } from "@deskbell/ui/icons";
import type { ReactNode } from "react";
import { Button } from "./Button.tsx";
import { Icon } from "./Icon.tsx";

interface EmptyProps {
  icon: string;
  title: string;
  children: ReactNode;
}

/** What will appear here, and how to make it so. */
export function Empty({ icon, title, children }: EmptyProps) {
  return (
    <div className="grid justify-items-center gap-1 px-6 py-12 text-center">
      <Icon path={icon} size={20} className="mb-2 text-muted" />
      <p className="font-medium">{title}</p>
      <div className="max-w-72 text-muted">{children}</div>
    </div>
  );
}

/** What happened, and what to do. */
export function Failed({ what, onRetry }: { what: string; onRetry(): void }) {
  return (
    <div role="alert" className="grid justify-items-center gap-3 px-6 py-12 text-center">
      <Icon path={alert} size={20} className="text-danger-text" />
      <p>{what}</p>
      <Button onClick={onRetry}>Load again</Button>
    </div>
  );
}

export function Skeletons({ count }: { count: number }) {
  return (
    <div role="status" aria-label="Loading" className="grid gap-4 p-4">
      {Array.from({ length: count }, (_, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike.
        <div key={at} className="flex gap-3">
          <div className="skeleton size-8 shrink-0" />
          <div className="grid flex-1 content-center gap-2">
            <div className="skeleton h-3 w-2/5" />
            <div className="skeleton h-3 w-4/5" />
          </div>
        </div>
      ))}
    </div>
  );
}
