// Requests over HTTP: one function that turns every failure into `Refused` or
// `Unreachable`. Which routes there are is in `desk.ts` and `visitor.ts`.

import type { Problem } from "@deskbell/protocol";
import { Refused, Unreachable } from "./problem.ts";

export interface Request {
  token?: string;
  query?: Record<string, string | number | undefined>;
  body?: object;
}

export type Rest = <Answer>(method: "GET" | "POST", path: string, request?: Request) => Promise<Answer>;

export function rest(base: string, send: typeof fetch = (...all) => fetch(...all)): Rest {
  return async <Answer>(method: "GET" | "POST", path: string, request: Request = {}): Promise<Answer> => {
    const headers: Record<string, string> = { accept: "application/json" };
    if (request.token) headers.authorization = `Bearer ${request.token}`;
    if (request.body) headers["content-type"] = "application/json";
    let answer: Response;
    try {
      answer = await send(`${base}${path}${query(request.query)}`, {
        method,
        headers,
        ...(request.body ? { body: JSON.stringify(request.body) } : {}),
      });
    } catch {
      throw new Unreachable();
    }
    if (!answer.ok) throw new Refused(await problem(answer));
    if (answer.status === 204) return undefined as Answer;
    try {
      return (await answer.json()) as Answer;
    } catch {
      throw new Unreachable("The answer was cut off.");
    }
  };
}

function query(values: Request["query"] = {}): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== "");
  if (given.length === 0) return "";
  return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

/** A proxy in between may answer with something else than our own form. */
async function problem(answer: Response): Promise<Problem> {
  const fallback = { title: answer.statusText || "The request failed", status: answer.status, code: "unknown" };
  try {
    return { ...fallback, ...((await answer.json()) as object) };
  } catch {
    return fallback;
  }
}
