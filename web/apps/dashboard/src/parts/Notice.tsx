// What came of something, where it was done: refused, careful, or as it should be.

import { alert, check } from "@deskbell/ui/icons";
import type { ReactNode } from "react";
import { Icon } from "./Icon.tsx";

const TONES = {
  danger: "border-danger-line bg-danger-tint text-danger-text",
  warning: "border-warning-line bg-warning-tint text-warning-text",
  success: "border-success-line bg-success-tint text-success-text",
  plain: "border-line bg-sunken text-ink",
};

interface Props {
  tone: keyof typeof TONES;
  /** What to do about it. */
  action?: ReactNode;
  children: ReactNode;
}

export function Notice({ tone, action, children }: Props) {
  return (
    <div
      role={tone === "danger" ? "alert" : "status"}
      className={`flex gap-2 rounded-control border px-3 py-2 ${TONES[tone]}`}
    >
      <Icon path={tone === "success" ? check : alert} className={action ? "mt-2" : "mt-0.5"} />
      <div className="flex min-w-0 flex-1 flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className={`grid min-w-0 gap-1 wrap-anywhere ${action ? "flex-[1_1_14rem] py-1.5" : ""}`}>{children}</div>
        {action}
      </div>
    </div>
  );
}
