// A problem as the server writes one.

import type { Problem } from "@deskbell/protocol";

export function problemOf(status: number, code = "some_code"): Problem {
  return { type: "about:blank", title: "No", status, code, detail: "Why not.", request_id: "req_1", errors: [] };
}
