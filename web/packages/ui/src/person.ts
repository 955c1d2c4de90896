// How people without a picture and without a name are shown.

/** "ML" for "Mia Lund", also for names that are not Latin; "" for none. */
export function initials(name: string | null | undefined): string {
  const words = (name ?? "").trim().split(/\s+/).filter(Boolean);
  const first = words[0];
  if (!first) return "";
  const last = words.length > 1 ? words.at(-1) : undefined;
  return [first, last]
    .map((word) => [...(word ?? "")][0] ?? "")
    .join("")
    .toLocaleUpperCase();
}

/** Visitors who have not said who they are differ by the end of their id. */
export function visitorName(contact: { name: string | null; email: string | null; id: string }): string {
  return contact.name ?? contact.email ?? `Visitor ${contact.id.slice(-4).toUpperCase()}`;
}
