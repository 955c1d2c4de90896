// Requests over HTTP, typed by the server's API description: a path, its
// parameters and its answer belong together. Every failure becomes `Refused` or
// `Unreachable`.

import type { Problem, Routes } from "@deskbell/protocol";
import { Refused, Unreachable } from "./problem.ts";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
export type Operation<M extends Method, Path extends keyof Routes> = Routes[Path][Lowercase<M>];
/** The paths that know a method. */
export type Known<M extends Method> = {
  [Path in keyof Routes]: Operation<M, Path> extends undefined ? never : Path;
}[keyof Routes];

/** What a request takes beside the token. */
export type Input<Op> = {
  /** The version a change is based on: refused when somebody was faster. */
  ifMatch?: number;
  /** For an answer that may take its time: nobody waits for it any more. */
  signal?: AbortSignal;
} & (Op extends { parameters: { path: infer Path } } ? { path: Path } : { path?: never }) &
  (Op extends { parameters: { query?: infer Query } } ? { query?: Query } : { query?: never }) &
  BodyOf<Op>;

type BodyOf<Op> = Op extends { requestBody: { content: infer Content } }
  ? {
      body: (Content extends { "application/json": infer Body } ? Body : never) | (Content extends Wasm ? Blob : never);
    }
  : { body?: never };
/** A file, sent as it is. */
type Wasm = { "application/wasm": unknown };

/** A file for the reader, and where the next one begins if it has an end. */
export interface Download {
  file: Blob;
  next: string | null;
}

type Json<Answer> = Answer extends { content: { "application/json": infer Body } }
  ? Body
  : Answer extends { content: { "text/csv": unknown } }
    ? Download
    : undefined;
export type Answer<Op> = Op extends { responses: infer Responses }
  ? Responses extends { 200: infer Ok }
    ? Json<Ok>
    : Responses extends { 201: infer Created }
      ? Json<Created>
      : undefined
  : never;

export type Rest = <M extends Method, Path extends Known<M>>(
  method: M,
  path: Path,
  request: Input<Operation<M, Path>> & { token?: string },
) => Promise<Answer<Operation<M, Path>>>;

interface AnyRequest {
  token?: string;
  path?: Record<string, string>;
  query?: Record<string, string | number | boolean | null | undefined>;
  body?: object;
  ifMatch?: number;
  signal?: AbortSignal;
}

/** `origin` is empty for the page's own. */
export function rest(origin = "", send: typeof fetch = (...all) => fetch(...all)): Rest {
  const ask = async (method: Method, path: string, request: AnyRequest): Promise<unknown> => {
    const headers: Record<string, string> = { accept: "application/json, text/csv;q=0.9" };
    if (request.token) headers.authorization = `Bearer ${request.token}`;
    if (request.ifMatch !== undefined) headers["if-match"] = String(request.ifMatch);
    const { body } = request;
    if (body) headers["content-type"] = body instanceof Blob ? body.type : "application/json";
    let answer: Response;
    try {
      answer = await send(origin + filled(path, request.path) + query(request.query), {
        method,
        headers,
        ...(request.signal && { signal: request.signal }),
        ...(body ? { body: body instanceof Blob ? body : JSON.stringify(body) } : {}),
      });
    } catch {
      throw new Unreachable();
    }
    if (!answer.ok) throw new Refused(await problem(answer));
    if (answer.status === 204) return undefined;
    try {
      if (answer.headers.get("content-type")?.startsWith("text/csv"))
        return { file: await answer.blob(), next: answer.headers.get("next-cursor") } satisfies Download;
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
