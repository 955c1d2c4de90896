// The bell on the desk.

export function Mark() {
  return (
    <svg className="size-9" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" className="fill-accent" />
      <path d="M7 20a9 9 0 0 1 18 0z" className="fill-on-accent" />
      <path d="M6 23h20" className="stroke-on-accent stroke-[2.5]" strokeLinecap="round" />
      <circle cx="16" cy="9" r="1.8" className="fill-on-accent" />
    </svg>
  );
}
