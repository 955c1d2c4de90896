// The audit log's routes, by what one wants of them.

import type { Desk } from "@deskbell/client";
import type { asked } from "./filter.ts";

const PAGE = 50;

type Asked = ReturnType<typeof asked>;

export function auditRequests(desk: Desk) {
  return {
    page: (query: Asked, cursor: string | null) =>
      desk.ask("GET", "/api/v1/audit", { query: { ...query, limit: PAGE, ...(cursor && { cursor }) } }),
    file: (query: Asked) => desk.ask("GET", "/api/v1/audit.csv", { query }),
  };
}
