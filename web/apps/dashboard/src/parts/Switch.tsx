// On or off, at once. While the answer is awaited it stands where one wants it and
// says so.

import { Switch as Base } from "@base-ui/react/switch";

interface Props {
  label: string;
  on: boolean;
  busy?: boolean;
  onChange(on: boolean): void;
  id?: string;
  describedBy?: string | undefined;
}

export function Switch({ label, on, busy = false, onChange, id, describedBy }: Props) {
  return (
    <Base.Root
      id={id}
      aria-label={label}
      aria-describedby={describedBy}
      aria-busy={busy}
      checked={on}
      onCheckedChange={(next) => {
        if (!busy) onChange(next);
      }}
      className="relative inline-flex h-5 w-9 shrink-0 cursor-pointer items-center rounded-full border border-control bg-sunken transition-colors data-checked:border-accent data-checked:bg-accent aria-busy:opacity-60"
    >
      <Base.Thumb className="ml-0.5 size-3.5 rounded-full bg-muted transition-transform data-checked:translate-x-4 data-checked:bg-on-accent" />
    </Base.Root>
  );
}
