// Requests over HTTP, typed by the server's API description: a path, its
// parameters and its answer belong together. Every failure becomes `Refused` or
// `Unreachable`.

import type { Problem, Routes } from "@deskbell/protocol";
import { Refused, Unreachable } from "./problem.ts";

type Method = "GET" | "POST";
type Operation<M extends Method, Path extends keyof Routes> = Routes[Path][Lowercase<M>];
/** The paths that know a method. */
type Known<M extends Method> = {
  [Path in keyof Routes]: Operation<M, Path> extends undefined ? never : Path;
}[keyof Routes];

type Input<Op> = {
  token?: string;
} & (Op extends { parameters: { path: infer Path } } ? { path: Path } : { path?: never }) &
  (Op extends { parameters: { query?: infer Query } } ? { query?: Query } : { query?: never }) &
  (Op extends { requestBody: { content: { "application/json": infer Body } } } ? { body: Body } : { body?: never });

type Json<Answer> = Answer extends { content: { "application/json": infer Body } } ? Body : undefined;
type Answer<Op> = Op extends { responses: infer Responses }
  ? Responses extends { 200: infer Ok }
    ? Json<Ok>
    : Responses extends { 201: infer Created }
      ? Json<Created>
      : undefined
  : never;

export type Rest = <M extends Method, Path extends Known<M>>(
  method: M,
  path: Path,
  request: Input<Operation<M, Path>>,
) => Promise<Answer<Operation<M, Path>>>;

interface AnyRequest {
  token?: string;
  path?: Record<string, string>;
  query?: Record<string, string | number | null | undefined>;
  body?: object;
}

/** `origin` is empty for the page's own. */
export function rest(origin = "", send: typeof fetch = (...all) => fetch(...all)): Rest {
  const ask = async (method: Method, path: string, request: AnyRequest): Promise<unknown> => {
    const headers: Record<string, string> = { accept: "application/json" };
    if (request.token) headers.authorization = `Bearer ${request.token}`;
    if (request.body) headers["content-type"] = "application/json";
    let answer: Response;
    try {
      answer = await send(origin + filled(path, request.path) + query(request.query), {
        method,
        headers,
        ...(request.body ? { body: JSON.stringify(request.body) } : {}),
      });
    } catch {
      throw new Unreachable();
    }
    if (!answer.ok) throw new Refused(await problem(answer));
    if (answer.status === 204) return undefined;
    try {
      return await answer.json();
    } catch {
      throw new Unreachable("The answer was cut off.");
    }
  };
  return ask as Rest;
}

function filled(path: string, values: AnyRequest["path"] = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ""));
}

function query(values: AnyRequest["query"] = {}): string {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null);
  if (given.length === 0) return "";
  return `?${new URLSearchParams(given.map(([name, value]) => [name, String(value)]))}`;
}

/** A proxy in between may answer with something else than our own form. */
async function problem(answer: Response): Promise<Problem> {
  const fallback = {
    type: "about:blank",
    title: answer.statusText || "The request failed",
    status: answer.status,
    code: "unknown",
    detail: "The server answered with something unexpected. Try again.",
    request_id: "",
    errors: [],
  };
  try {
    return { ...fallback, ...((await answer.json()) as object) };
  } catch {
    return fallback;
  }
}
