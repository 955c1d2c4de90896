export function Replies(_: { id?: string | null }) {
  return null;
}
