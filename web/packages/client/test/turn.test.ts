// Two pages of one browser whose copies of the storage do not yet agree.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { memoryShelf, VisitorSession } from "../src/index.ts";
import type { Rest } from "../src/rest.ts";
import { inTurn, keep } from "../src/turn.ts";

/** Locks as the browser has them: one holder, or several that share, in the order asked for. */
function browserLocks() {
  const held: { name: string; shared: boolean }[] = [];
  const waiting: { name: string; shared: boolean; begin(): void }[] = [];
  const next = () => {
    for (const it of [...waiting]) {
      const taken = held.some(({ name, shared }) => name === it.name && !(shared && it.shared));
      if (taken) continue;
      waiting.splice(waiting.indexOf(it), 1);
      held.push(it);
      it.begin();
    }
  };
  async function request(name: string, ...rest: [unknown, (() => unknown)?]) {
    const [options, callback] = rest.length === 2 ? rest : [{}, rest[0]];
    const lock = { name, shared: (options as { mode?: string }).mode === "shared", begin: () => {} };
    await new Promise<void>((begin) => {
      waiting.push(Object.assign(lock, { begin }));
      next();
    });
    try {
      return await (callback as () => unknown)();
    } finally {
      held.splice(held.indexOf(lock), 1);
      next();
    }
  }
  return { request, query: async () => ({ held: held.map(({ name }) => ({ name })) }) };
}

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
  vi.stubGlobal("navigator", { locks: browserLocks() });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("two first visits at once are one visitor, though neither page sees the other's storage", async () => {
  let visitors = 0;
  const rest = (async (_method: string, _path: string, { body }: { body: { secret?: string } }) => {
    if (!body.secret) visitors += 1;
    return { token: "t", expires_in: 900, secret: body.secret ?? `s${visitors}`, inbox: {} };
  }) as unknown as Rest;
  const pages = [memoryShelf(), memoryShelf(), memoryShelf()].map((shelf) => ({
    shelf,
    session: new VisitorSession({ rest, shelf, inbox: "demo-web" }),
  }));
  await Promise.all(pages.map(({ session }) => session.token()));
  expect(visitors).toBe(1);
  expect(pages.map(({ shelf }) => shelf.get("deskbell.visitor.demo-web"))).toEqual(["s1", "s1", "s1"]);
});

test("the last one to keep something is believed, also when it was nothing", async () => {
  const [here, there] = [memoryShelf(), memoryShelf()];
  await keep(here, "k", "first");
  vi.advanceTimersByTime(1);
  await keep(here, "k", "second");
  expect(await inTurn(there, "k", async () => there.get("k"))).toBe("second");
  vi.advanceTimersByTime(1);
  await keep(here, "k", null);
  expect(await inTurn(there, "k", async () => there.get("k"))).toBeNull();
});

test("when storage has caught up it is right again", async () => {
  const [here, there] = [memoryShelf(), memoryShelf()];
  await keep(here, "k", "old");
  await vi.advanceTimersByTimeAsync(10_000);
  there.set("k", "from elsewhere");
  expect(await inTurn(there, "k", async () => there.get("k"))).toBe("from elsewhere");
});

test("where locks are forbidden the work is done without", async () => {
  const forbidden = () => Promise.reject(new DOMException("denied", "SecurityError"));
  vi.stubGlobal("navigator", { locks: { request: forbidden, query: forbidden } });
  const shelf = memoryShelf();
  await inTurn(shelf, "k", () => keep(shelf, "k", "v"));
  expect(shelf.get("k")).toBe("v");
});
