// Requests as they go out, and what comes of their answers.

import { expect, test } from "vitest";
import { Refused, rest, Unreachable } from "../src/index.ts";

function server(answer: Response | (() => never)) {
  const asked: { url: string; init: RequestInit }[] = [];
  const call = rest("https://desk.example", async (url, init = {}) => {
    asked.push({ url: String(url), init });
    return answer instanceof Response ? answer : answer();
  });
  return { asked, call };
}
const json = (body: object, status = 200) => new Response(JSON.stringify(body), { status });

test("a change says what it is based on", async () => {
  const { asked, call } = server(json({ id: "can_1" }));
  await call("PATCH", "/api/v1/canned-responses/{id}", {
    token: "t",
    path: { id: "can_1/x" },
    body: { enabled: false },
    ifMatch: 7,
  });
  expect(asked[0]?.url).toBe("https://desk.example/api/v1/canned-responses/can_1%2Fx");
  expect(asked[0]?.init).toMatchObject({
    method: "PATCH",
    body: '{"enabled":false}',
    headers: { authorization: "Bearer t", "content-type": "application/json", "if-match": "7" },
  });
});

test("a file goes out as it is", async () => {
  const { asked, call } = server(json({}, 201));
  const file = new Blob(["wasm"], { type: "application/wasm" });
  await (call as (...all: unknown[]) => Promise<unknown>)("POST", "/api/v1/plugins", { body: file });
  expect(asked[0]?.init.body).toBe(file);
  expect(asked[0]?.init.headers).toMatchObject({ "content-type": "application/wasm" });
});

test("removing answers nothing", async () => {
  const { call } = server(new Response(null, { status: 204 }));
  expect(await call("DELETE", "/api/v1/canned-responses/{id}", { path: { id: "can_1" } })).toBeUndefined();
});

test("a refusal carries its findings; a proxy's page does not break it", async () => {
  const errors = [{ pointer: "/config/rules/0/name", code: "too_long", detail: "At most 80 characters." }];
  const refused = server(json({ status: 422, code: "invalid_input", detail: "No.", errors }, 422));
  const error = await refused.call("GET", "/api/v1/agents", {}).catch((it) => it);
  expect(error).toBeInstanceOf(Refused);
  expect(error.problem.errors).toEqual(errors);
  const proxy = server(new Response("<html>", { status: 502 }));
  await expect(proxy.call("GET", "/api/v1/agents", {})).rejects.toMatchObject({ status: 502, passing: true });
  const nobody = server(() => {
    throw new TypeError("failed to fetch");
  });
  await expect(nobody.call("GET", "/api/v1/agents", {})).rejects.toBeInstanceOf(Unreachable);
});
