// A dialog in the middle, or a drawer at the side: focus stays in, Escape leaves.

import { Dialog as Base } from "@base-ui/react/dialog";
import { cross } from "@deskbell/ui/icons";
import type { ReactNode } from "react";
import { IconButton } from "./Button.tsx";

interface Props {
  title: string;
  text?: string;
  side?: boolean;
  wide?: boolean;
  /** Much is typed into it. */
  form?: boolean;
  onClose(): void;
  children: ReactNode;
}

const MIDDLE =
  "top-1/2 left-1/2 max-h-[calc(100dvh-2rem)] -translate-x-1/2 -translate-y-1/2 rounded-card border w-[min(var(--width),calc(100vw-2rem))]";
const NARROW = "[--width:30rem]";
const WIDE = "[--width:42rem]";
const SIDE = "inset-y-0 right-0 w-[min(22rem,100vw)] border-l";

export function Dialog({ title, text, side = false, wide = false, form = false, onClose, children }: Props) {
  return (
    // A click beside a form must not throw away what was typed into it.
    <Base.Root open disablePointerDismissal={form} onOpenChange={(open) => open || onClose()}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-10 bg-scrim" />
        <Base.Popup
          className={`fixed z-10 flex flex-col overflow-hidden border-line bg-surface shadow-float outline-none ${side ? SIDE : `${MIDDLE} ${wide ? WIDE : NARROW}`}`}
        >
          <div className="flex shrink-0 items-start gap-3 py-3 pr-3 pl-4">
            <div className="min-w-0 flex-1 pt-1">
              <Base.Title className="text-heading font-semibold">{title}</Base.Title>
              {text && <Base.Description className="text-muted">{text}</Base.Description>}
            </div>
            <Base.Close render={<IconButton label="Close" path={cross} />} />
          </div>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
