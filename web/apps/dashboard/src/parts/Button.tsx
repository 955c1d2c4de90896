// Buttons: filled for the one next thing, plain for the others, bare for icons.

import type { ComponentProps } from "react";
import { Icon } from "./Icon.tsx";

const KINDS = {
  filled: "border-accent bg-accent text-on-accent hover:bg-accent-strong hover:border-accent-strong",
  plain: "border-line bg-surface hover:bg-hover",
  danger: "border-danger-line bg-danger-tint text-danger-text hover:border-danger-text",
};

interface Props extends ComponentProps<"button"> {
  kind?: keyof typeof KINDS;
  icon?: string;
  keys?: string;
}

export function Button({ kind = "plain", icon, keys, children, className = "", ...rest }: Props) {
  return (
    <button
      type="button"
      aria-keyshortcuts={keys}
      className={`inline-flex h-8 shrink-0 items-center gap-2 rounded-control border px-3 font-medium whitespace-nowrap transition-colors disabled:opacity-60 ${KINDS[kind]} ${className}`}
      {...rest}
    >
      {icon && <Icon path={icon} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends ComponentProps<"button"> {
  label: string;
  path: string;
  size?: 16 | 20;
}

export function IconButton({ label, path, size = 20, className = "", ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={`grid size-8 shrink-0 place-items-center rounded-control text-muted transition-colors hover:bg-hover hover:text-ink ${className}`}
      {...rest}
    >
      <Icon path={path} size={size} />
    </button>
  );
}
