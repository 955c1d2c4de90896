// A menu below a button. Items are verbs with their objects.

import { Menu as Base } from "@base-ui/react/menu";
import { type ReactElement, type ReactNode, useState } from "react";
import { Icon } from "./Icon.tsx";

interface Props {
  trigger: ReactElement;
  side?: "bottom" | "right" | "top";
  children: ReactNode;
}

export function Menu({ trigger, side = "bottom", children }: Props) {
  // Drawn where it belongs, so that it stays inside its landmark.
  const [home, setHome] = useState<HTMLElement | null>(null);
  return (
    <Base.Root>
      <Base.Trigger render={trigger} />
      <div ref={setHome} className="contents" />
      <Base.Portal container={home}>
        <Base.Positioner
          className="z-20 outline-none"
          positionMethod="fixed"
          side={side}
          align="end"
          sideOffset={4}
          collisionPadding={8}
        >
          <Base.Popup className="min-w-56 rounded-card border border-line bg-raised py-1 shadow-float outline-none">
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

export const ITEM =
  "flex w-full cursor-pointer items-center gap-2 px-3 py-1.5 outline-none select-none data-highlighted:bg-accent-tint";

interface ItemProps {
  icon: string;
  keys?: string | undefined;
  onPick(): void;
  children: ReactNode;
}

export function MenuItem({ icon, keys, onPick, children }: ItemProps) {
  return (
    <Base.Item className={ITEM} onClick={onPick}>
      <Icon path={icon} className="text-muted" />
      <span className="flex-1">{children}</span>
      {keys && <kbd className="text-muted">{keys}</kbd>}
    </Base.Item>
  );
}

export const MenuRadioGroup = Base.RadioGroup;
export const MenuRadioItem = Base.RadioItem;
export const MenuRadioMark = Base.RadioItemIndicator;

export function MenuLine() {
  return <Base.Separator className="my-1 h-px bg-line" />;
}
