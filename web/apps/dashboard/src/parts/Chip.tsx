// A small fact: never colour alone, always a word.

const TONES = {
  plain: "border-line text-muted",
  accent: "border-transparent bg-accent-tint text-accent-text",
  success: "border-success-line bg-success-tint text-success-text",
  note: "border-note-line bg-note-tint text-note-text",
  warning: "border-warning-line bg-warning-tint text-warning-text",
  danger: "border-danger-line bg-danger-tint text-danger-text",
};

export type Tone = keyof typeof TONES;

export function Chip({ tone = "plain", children }: { tone?: Tone; children: React.ReactNode }) {
  return (
    <span
      className={`inline-flex h-5 max-w-full shrink-0 items-center truncate rounded-corner border px-1.5 text-small font-medium ${TONES[tone]}`}
    >
      {children}
    </span>
  );
}
