// Where a visitor's browser is, as one says it: pure. All of it is what the browser
// claims.

/** "shop.example/orders/1": an address without what does not tell it apart. */
export function shortAddress(url: string): string {
  if (!URL.canParse(url)) return url;
  const { host, pathname, search } = new URL(url);
  return `${host}${pathname === "/" ? "" : pathname}${search}`;
}

/** "German (Austria)" for "de-AT", in the reader's words. */
export function languageName(locale: string, reader?: string): string {
  try {
    return new Intl.DisplayNames(reader, { type: "language" }).of(locale) ?? locale;
  } catch {
    return locale;
  }
}

/** "14:05" and "2 h ahead of you": the visitor's clock. Null for a zone nobody knows. */
export function localTime(
  zone: string,
  now: number,
  reader?: string,
  home?: string,
): { time: string; apart: string } | null {
  try {
    const options = { hour: "2-digit", minute: "2-digit", timeZone: zone } as const;
    const time = new Intl.DateTimeFormat(reader, options).format(now);
    const minutes = (wall(zone, now) - wall(home, now)) / 60_000;
    return { time, apart: apart(Math.round(minutes)) };
  } catch {
    return null;
  }
}

function apart(minutes: number): string {
  if (minutes === 0) return "";
  const hours = Math.abs(minutes) / 60;
  const long = Number.isInteger(hours) ? `${hours} h` : `${Math.floor(hours)} h ${Math.abs(minutes) % 60} min`;
  return `${long} ${minutes > 0 ? "ahead of you" : "behind you"}`;
}

/** What a clock in a zone shows, as if it were UTC. */
function wall(timeZone: string | undefined, now: number): number {
  const parts = new Intl.DateTimeFormat("en-GB", {
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    ...(timeZone ? { timeZone } : {}),
  }).formatToParts(now);
  const of = (type: string) => Number(parts.find((it) => it.type === type)?.value);
  return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"));
}
