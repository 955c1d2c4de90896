// Writing saved replies. What comes of it reaches the page as events.

import type { CannedResponse, Desk } from "@deskbell/client";

type Written = Pick<CannedResponse, "shortcut" | "title" | "text">;

const ONE = "/api/v1/canned-responses/{id}";

export function saveReply(desk: Desk, body: Written) {
  return desk.ask("POST", "/api/v1/canned-responses", { body });
}

export function changeReply(desk: Desk, it: CannedResponse, body: Partial<Written & { enabled: boolean }>) {
  return desk.ask("PATCH", ONE, { path: { id: it.id }, body, ifMatch: it.version });
}

export function deleteReply(desk: Desk, id: string) {
  return desk.ask("DELETE", ONE, { path: { id } });
}
