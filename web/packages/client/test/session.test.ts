// Tokens: renewed once, in time, and given up only when the server says so.

import { expect, test } from "vitest";
import { AgentSession, LoggedOut, memoryShelf, Refused, Unreachable, VisitorSession } from "../src/index.ts";
import type { Rest } from "../src/rest.ts";
import { problemOf } from "./refusal.ts";

function agent(answers: Record<string, () => unknown>) {
  const asked: string[] = [];
  let at = 0;
  const rest = (async (_method: string, path: string, request: { body?: object }) => {
    asked.push(`${path} ${JSON.stringify(request.body ?? {})}`);
    return answers[path]?.();
  }) as Rest;
  return {
    session: new AgentSession(rest, memoryShelf(), () => at),
    asked,
    pass: (ms: number) => {
      at += ms;
    },
  };
}

const tokens = (n: number) => () => ({
  access_token: `access${n}`,
  refresh_token: `refresh${n}`,
  expires_in: 900,
  agent: { id: "agt_1" },
});
const refused = (status: number) => new Refused(problemOf(status));
const who = { tenant: "demo", email: "ana@demo.test", password: "p" };

test("uses a token until shortly before its end, then renews it", async () => {
  const it = agent({ "/api/v1/auth/login": tokens(1), "/api/v1/auth/refresh": tokens(2) });
  await it.session.logIn(who);
  it.pass(869_000);
  expect(await it.session.token()).toBe("access1");
  it.pass(2_000);
  expect(await it.session.token()).toBe("access2");
  expect(it.asked.at(-1)).toBe('/api/v1/auth/refresh {"refresh_token":"refresh1"}');
  expect(it.session.agentId).toBe("agt_1");
});

test("a refresh token is used once, however many ask", async () => {
  const it = agent({ "/api/v1/auth/login": tokens(1), "/api/v1/auth/refresh": tokens(2) });
  await it.session.logIn(who);
  it.pass(900_000);
  expect(await Promise.all([it.session.token(), it.session.token(), it.session.token()])).toEqual(
    Array(3).fill("access2"),
  );
  expect(it.asked.filter((each) => each.startsWith("/api/v1/auth/refresh"))).toHaveLength(1);
});

test("a refused refresh ends the session, an unanswered one does not", async () => {
  let answer: () => never = () => {
    throw new Unreachable();
  };
  const it = agent({ "/api/v1/auth/login": tokens(1), "/api/v1/auth/refresh": () => answer() });
  await it.session.logIn(who);
  await expect(it.session.token(true)).rejects.toBeInstanceOf(Unreachable);
  expect(it.session.agentId).toBe("agt_1");
  answer = () => {
    throw refused(401);
  };
  await expect(it.session.token(true)).rejects.toBeInstanceOf(LoggedOut);
  expect(it.session.agentId).toBeNull();
  await expect(it.session.token()).rejects.toBeInstanceOf(LoggedOut);
});

function visitor(answer: (body: { secret?: string }) => unknown) {
  const shelf = memoryShelf();
  const asked: { secret?: string }[] = [];
  const rest = (async (_method: string, _path: string, request: { body: { secret?: string } }) => {
    asked.push(request.body);
    return answer(request.body);
  }) as unknown as Rest;
  return { session: new VisitorSession({ rest, shelf, inbox: "demo-web", now: () => 0 }), asked, shelf };
}

const opened = (secret: string) => ({ token: "t", expires_in: 900, visitor: { id: "vis_1" }, secret, inbox: {} });

test("a browser keeps its secret, and one question is enough for many callers", async () => {
  const it = visitor(() => opened("s1"));
  expect(it.session.known).toBe(false);
  await Promise.all([it.session.token(), it.session.token()]);
  expect(it.asked).toHaveLength(1);
  expect(it.session.known).toBe(true);
  await it.session.token(true);
  expect(it.asked[1]?.secret).toBe("s1");
});

test("an unknown secret is replaced by the answer's, a failing server changes nothing", async () => {
  let fails = true;
  const it = visitor(() => {
    if (fails) throw refused(503);
    return opened("s2");
  });
  it.shelf.set("deskbell.visitor.demo-web", "s1");
  await expect(it.session.token()).rejects.toBeInstanceOf(Refused);
  expect(it.shelf.get("deskbell.visitor.demo-web")).toBe("s1");
  fails = false;
  await it.session.token();
  expect(it.asked[1]?.secret).toBe("s1");
  expect(it.shelf.get("deskbell.visitor.demo-web")).toBe("s2");
});
