// How times are said: relative under a day, then as a date of the reader's place.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** "now", "4 min", "3 h", "21 Nov": for lists, where room is scarce. */
export function ago(at: string, now: number, locale?: string): string {
  const passed = Math.max(0, now - Date.parse(at));
  if (passed < MINUTE) return "now";
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} min`;
  if (passed < DAY) return `${Math.floor(passed / HOUR)} h`;
  return date(at, now, locale);
}

/** "just now", "4 min ago", "on 21 Nov": in a sentence. */
export function lately(at: string, now: number, locale?: string): string {
  const passed = now - Date.parse(at);
  if (passed < MINUTE) return "just now";
  return passed < DAY ? `${ago(at, now, locale)} ago` : `on ${ago(at, now, locale)}`;
}

/** "2 min 10 s", "1 h 5 min", "12 s". */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return [`${minutes} min`, ...(seconds % 60 ? [`${seconds % 60} s`] : [])].join(" ");
  const hours = Math.floor(minutes / 60);
  return [`${hours} h`, ...(minutes % 60 ? [`${minutes % 60} min`] : [])].join(" ");
}

/** A wait that is only guessed: "less than a minute", "about 3 min". */
export function aboutHowLong(ms: number): string {
  const minutes = Math.ceil(ms / MINUTE);
  return minutes <= 1 ? "about a minute" : `about ${minutes} min`;
}

export function clock(at: string, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }).format(new Date(at));
}

/** "Today", "Yesterday", or the date: for the line between two days. */
export function day(at: string, now: number, locale?: string): string {
  const days = Math.round((midnight(now) - midnight(Date.parse(at))) / DAY);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return date(at, now, locale);
}

export function sameDay(a: string, b: string): boolean {
  return midnight(Date.parse(a)) === midnight(Date.parse(b));
}

function date(at: string, now: number, locale?: string): string {
  const year = new Date(at).getFullYear() === new Date(now).getFullYear() ? {} : { year: "numeric" as const };
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", ...year }).format(new Date(at));
}

function midnight(at: number): number {
  return new Date(at).setHours(0, 0, 0, 0);
}
