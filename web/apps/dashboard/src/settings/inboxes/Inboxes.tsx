export function Inboxes(_: { id?: string | null }) {
  return null;
}
