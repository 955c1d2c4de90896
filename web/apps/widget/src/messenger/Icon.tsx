// An icon of the set, beside a word or with a label on its button.

interface Props {
  path: string;
  size?: 16 | 20 | 24;
}

export function Icon({ path, size = 20 }: Props) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
