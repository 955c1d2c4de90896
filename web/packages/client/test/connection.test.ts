// The promises of a connection: exact resume, no lost answer, patience.

import type { WidgetPlane, WidgetSnapshot } from "@deskbell/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Connection, LoggedOut, Refused, Unreachable } from "../src/index.ts";
import { FakeSocket, settled } from "./fake-socket.ts";
import { problemOf } from "./refusal.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function setUp(overrides: { token?: (refused: boolean) => Promise<string> } = {}) {
  const sockets: FakeSocket[] = [];
  const seen: string[] = [];
  let snapshots = 0;
  const connection = new Connection<WidgetPlane, WidgetSnapshot>({
    url: "ws://desk",
    token: overrides.token ?? (async (refused) => (refused ? "renewed" : "token")),
    snapshot: async () => {
      snapshots += 1;
      return { cursor: `s${snapshots}`, inbox: {} as never, conversations: [] };
    },
    onSnapshot: (snapshot) => seen.push(`snapshot ${snapshot.cursor}`),
    onEvent: (event) => seen.push(event.id),
    onSignal: (signal) => seen.push(signal.name),
    onLink: (link) => seen.push(link),
    openSocket: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    random: () => 1,
  });
  const newest = () => sockets.at(-1) as FakeSocket;
  return { connection, sockets, newest, seen };
}

async function live(it: ReturnType<typeof setUp>) {
  it.connection.start();
  await settled();
  it.newest().open();
  it.newest().welcome();
}

const event = (id: string) => ({ type: "event", cursor: `c-${id}`, event: { id } }) as const;

test("greets with the snapshot's cursor and applies what follows", async () => {
  const it = setUp();
  await live(it);
  it.newest().say(event("e1"));
  expect(it.newest().last("hello")).toEqual({ type: "hello", token: "token", cursor: "s1" });
  expect(it.seen).toEqual(["connecting", "snapshot s1", "live", "e1"]);
});

test("comes back with the cursor of the last event, without a new snapshot", async () => {
  const it = setUp();
  await live(it);
  it.newest().say(event("e1"));
  it.newest().fall();
  expect(it.connection.link).toBe("waiting");
  await vi.advanceTimersByTimeAsync(400);
  it.newest().open();
  expect(it.newest().last("hello").cursor).toBe("c-e1");
  expect(it.seen.filter((each) => each.startsWith("snapshot"))).toHaveLength(1);
});

test("a cursor that no longer holds means a new snapshot and its cursor", async () => {
  const it = setUp();
  await live(it);
  it.newest().fall();
  await vi.advanceTimersByTimeAsync(400);
  it.newest().open();
  it.newest().welcome(false);
  await vi.advanceTimersByTimeAsync(20_000);
  it.newest().open();
  expect(it.newest().last("hello").cursor).toBe("s2");
  it.newest().welcome();
  expect(it.connection.link).toBe("live");
});

test("an old socket's late frames are not listened to", async () => {
  const it = setUp();
  await live(it);
  const old = it.newest();
  const say = old.onmessage;
  old.fall();
  say?.({ data: JSON.stringify(event("late")) });
  expect(it.seen).not.toContain("late");
});

test("answers settle their own command; a refusal carries the problem", async () => {
  const it = setUp();
  await live(it);
  const read = it.connection.command("mark_read", { conversation_id: "conv_1", seq: 1 });
  const first = it.newest().last("command").id;
  const end = it.connection.command("end_conversation", { conversation_id: "conv_1" });
  const second = it.newest().last("command").id;
  const problem = problemOf(409, "wrong_status");
  it.newest().say({ type: "error", id: second, problem });
  it.newest().say({ type: "ack", id: first, result: {} });
  await expect(read).resolves.toEqual({});
  await expect(end).rejects.toEqual(new Refused(problem));
});

test("what waits for an answer learns that none will come", async () => {
  const it = setUp();
  await live(it);
  const read = it.connection.command("mark_read", { conversation_id: "conv_1", seq: 1 });
  it.newest().fall();
  await expect(read).rejects.toBeInstanceOf(Unreachable);
  await expect(it.connection.command("mark_read", { conversation_id: "c", seq: 1 })).rejects.toBeInstanceOf(
    Unreachable,
  );
});

test("a silent line is asked, then given up", async () => {
  const it = setUp();
  await live(it);
  const socket = it.newest();
  await vi.advanceTimersByTimeAsync(25_000);
  expect(socket.last("ping")).toEqual({ type: "ping" });
  socket.say({ type: "pong" });
  await vi.advanceTimersByTimeAsync(25_000 + 9_999);
  expect(it.connection.link).toBe("live");
  await vi.advanceTimersByTimeAsync(1);
  expect(it.connection.link).toBe("waiting");
  expect(socket.closed).toBe(true);
});

test("answers the server's ping", async () => {
  const it = setUp();
  await live(it);
  it.newest().say({ type: "ping" });
  expect(it.newest().last("pong")).toEqual({ type: "pong" });
});

test("waits longer each time, at most twenty seconds, and starts over once live", async () => {
  const it = setUp();
  it.connection.start();
  await settled();
  for (const wait of [400, 800, 1600, 3200, 6400, 12_800, 20_000, 20_000]) {
    const before = it.sockets.length;
    it.newest().fall();
    await vi.advanceTimersByTimeAsync(wait - 1);
    expect(it.sockets).toHaveLength(before);
    await vi.advanceTimersByTimeAsync(1);
    expect(it.sockets).toHaveLength(before + 1);
  }
  it.newest().open();
  it.newest().welcome();
  it.newest().fall();
  await vi.advanceTimersByTimeAsync(400);
  expect(it.sockets.at(-2)?.closed).toBe(true);
});

test("a nudge ends the waiting", async () => {
  const it = setUp();
  await live(it);
  it.newest().fall();
  it.connection.nudge();
  await settled();
  expect(it.sockets).toHaveLength(2);
});

test("a refused token is renewed; a revoked session ends it", async () => {
  const it = setUp();
  await live(it);
  it.newest().fall(4001);
  await vi.advanceTimersByTimeAsync(400);
  it.newest().open();
  expect(it.newest().last("hello").token).toBe("renewed");
  it.newest().fall(4003);
  expect(it.connection.link).toBe("ended");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(it.sockets).toHaveLength(2);
});

test("ends when there is no session to log in with", async () => {
  const it = setUp({ token: () => Promise.reject(new LoggedOut()) });
  it.connection.start();
  await settled();
  expect(it.connection.link).toBe("ended");
});

test("a server that goes away says how long to wait", async () => {
  const it = setUp();
  await live(it);
  it.newest().fall(4012, "retry after 1500 ms");
  await vi.advanceTimersByTimeAsync(1499);
  expect(it.sockets).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(it.sockets).toHaveLength(2);
});

test("stopped means stopped, started means started", async () => {
  const it = setUp();
  await live(it);
  it.connection.stop();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(it.sockets).toHaveLength(1);
  it.connection.start();
  await settled();
  expect(it.sockets).toHaveLength(2);
});
