// An icon of the set, beside a word or inside a labelled button.

interface Props {
  path: string;
  size?: 16 | 20;
  className?: string;
}

export function Icon({ path, size = 16, className = "" }: Props) {
  return (
    <svg className={`icon ${className}`} width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d={path} />
    </svg>
  );
}
