// Everything that was written arrives once, in order, whatever happens on the way.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Entry, memoryShelf, Outbox, Refused, type Shelf, Unreachable } from "../src/index.ts";
import { settled } from "./fake-socket.ts";
import { problemOf } from "./refusal.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Call {
  entry: Entry<{ n: number }>;
  resolve(result: unknown): void;
  reject(error: Error): void;
}

function setUp(shelf: Shelf = memoryShelf()) {
  const calls: Call[] = [];
  const outbox = new Outbox<{ n: number }>({
    shelf,
    owner: "me",
    send: (entry) => new Promise((resolve, reject) => calls.push({ entry, resolve, reject })),
    random: () => 1,
  });
  const write = (key: string, line = "a") =>
    outbox.add({
      key,
      line,
      command: "send_message",
      params: { n: 1 },
      text: key,
      private: false,
      written_at: `2026-01-01T00:00:0${key.slice(-1)}.000Z`,
    });
  return { outbox, calls, write, shelf, states: () => outbox.get().map((entry) => `${entry.key} ${entry.state}`) };
}

const problem = (status: number, code?: string) => new Refused(problemOf(status, code));

test("waits until live, then sends one after the other in each line", async () => {
  const it = setUp();
  it.write("k1");
  it.write("k2");
  it.write("k3", "b");
  expect(it.calls).toHaveLength(0);
  it.outbox.setLive(true);
  expect(it.calls.map((call) => call.entry.key)).toEqual(["k1", "k3"]);
  it.calls[0]?.resolve({});
  await settled();
  expect(it.calls.map((call) => call.entry.key)).toEqual(["k1", "k3", "k2"]);
});

test("an entry without an answer goes out again under the same key", async () => {
  const it = setUp();
  it.outbox.setLive(true);
  it.write("k1");
  it.calls[0]?.reject(new Unreachable());
  it.outbox.setLive(false);
  await settled();
  expect(it.states()).toEqual(["k1 waiting"]);
  it.outbox.setLive(true);
  expect(it.calls.map((call) => call.entry.key)).toEqual(["k1", "k1"]);
});

test("survives a reload until it is acknowledged", async () => {
  const first = setUp();
  first.outbox.setLive(true);
  first.write("k2");
  first.write("k1", "b");
  first.calls[0]?.resolve({});
  await settled();
  const second = setUp(first.shelf);
  expect(second.states()).toEqual(["k1 waiting"]);
});

test("stays until the message is in the thread, whichever of ack and event is first", async () => {
  const it = setUp();
  it.outbox.setLive(true);
  it.write("k1");
  it.write("k2", "b");
  it.calls[0]?.resolve({});
  await settled();
  expect(it.states()).toEqual(["k1 acked", "k2 sending"]);
  it.outbox.settle(["k1", null, "k2"]);
  expect(it.states()).toEqual([]);
  it.calls[1]?.resolve({});
  await settled();
  expect(it.states()).toEqual([]);
});

test("tries again in a while when the server says not now", async () => {
  const it = setUp();
  it.outbox.setLive(true);
  it.write("k1");
  it.calls[0]?.reject(problem(503));
  await settled();
  await vi.advanceTimersByTimeAsync(400);
  expect(it.calls).toHaveLength(2);
});

test("a refusal stays, says why, lets the next ones pass, and can be tried or dropped", async () => {
  const it = setUp();
  it.outbox.setLive(true);
  it.write("k1");
  it.write("k2");
  it.calls[0]?.reject(problem(409));
  await settled();
  expect(it.states()).toEqual(["k1 refused", "k2 sending"]);
  expect(it.outbox.get()[0]?.why).toBe("Why not.");
  it.calls[1]?.resolve({});
  it.outbox.retry("k1");
  await settled();
  expect(it.calls).toHaveLength(3);
  it.outbox.discard("k1");
  expect(it.shelf.keys("deskbell.outbox.")).toEqual([]);
});

test("what is held is not sent again, lets the next ones pass, and ends as the server says", async () => {
  const it = setUp();
  it.outbox.setLive(true);
  it.write("k1");
  it.write("k2");
  it.calls[0]?.reject(problem(202, "message_held"));
  await settled();
  it.calls[1]?.reject(problem(202, "message_held"));
  await settled();
  expect(it.states()).toEqual(["k1 held", "k2 held"]);
  expect(it.calls).toHaveLength(2);
  it.outbox.settle(["k1"]);
  it.outbox.fail("k2");
  it.outbox.fail("of another page");
  expect(it.states()).toEqual(["k2 refused"]);
});

test("what is held is asked about again after a reload", async () => {
  const first = setUp();
  first.outbox.setLive(true);
  first.write("k1");
  first.calls[0]?.reject(problem(202, "message_held"));
  await settled();
  expect(setUp(first.shelf).states()).toEqual(["k1 waiting"]);
});

test("what was meant for a conversation that is over goes out instead as something else, once", async () => {
  const it = setUp();
  it.outbox.setLive(true);
  const entry = { key: "k1", command: "send_message", text: "k1", private: false, written_at: "2026" };
  const instead = { line: "new", command: "start_conversation", params: { n: 2 } };
  it.outbox.add({ ...entry, line: "a", params: { n: 1 }, instead });
  it.calls[0]?.reject(problem(409, "conversation_closed"));
  await settled();
  expect(it.calls[1]?.entry).toMatchObject({ key: "k1", ...instead });
  it.calls[1]?.reject(problem(409, "conversation_closed"));
  await settled();
  expect(it.states()).toEqual(["k1 refused"]);
});

test("what another page left behind goes out when this one is live again", async () => {
  const shelf = memoryShelf();
  const here = setUp(shelf);
  const closed = setUp(shelf);
  closed.write("k1");
  expect(here.states()).toEqual([]);
  here.outbox.setLive(true);
  expect(here.states()).toEqual(["k1 sending"]);
  here.outbox.setLive(true);
  expect(here.calls).toHaveLength(1);
});
