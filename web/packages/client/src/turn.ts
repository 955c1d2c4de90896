// One page of this browser at a time, and each knows what the one before it kept.
//
// A lock alone is not enough. A browser has a copy of its storage in every process
// and brings the copies up to date when it gets to it, so that a page that has just
// been given the lock may still read what was there before: two first visits at
// once would be two visitors, two renewals would use one token twice. Locks are
// known to the browser in one place. So what was kept last is also the name of a
// lock, held until the copies have caught up.

import type { Shelf } from "./shelf.ts";

/** Storage catches up within milliseconds; a machine that is out of breath takes longer. */
const CATCHING_UP_MS = 10_000;

/** Does `work` when no other page is at it, with `key` of the shelf as it was kept last. */
export async function inTurn<Result>(shelf: Shelf, key: string, work: () => Promise<Result>): Promise<Result> {
  const locks = await usableLocks();
  if (!locks) return work();
  return (await locks.request(key, async () => {
    const last = await lastKept(locks, key);
    if (last) shelf.set(key, last);
    else if (last === "") shelf.remove(key);
    return work();
  })) as Result;
}

/** Keeps it (null: keeps nothing more) so that whoever has the next turn knows. */
export async function keep(shelf: Shelf, key: string, value: string | null): Promise<void> {
  if (value === null) shelf.remove(key);
  else shelf.set(key, value);
  const locks = await usableLocks();
  if (!locks) return;
  await new Promise<void>((told, failed) => {
    const hold = () => {
      told();
      return new Promise((letGo) => setTimeout(letGo, CATCHING_UP_MS));
    };
    locks.request(`${key} ${Date.now()} ${value ?? ""}`, { mode: "shared" }, hold).catch(failed);
  });
}

/** Plain http has none, and who forbids a frame its storage forbids it these: such pages take their chance. */
async function usableLocks(): Promise<LockManager | undefined> {
  const locks = globalThis.navigator?.locks;
  return locks?.query().then(
    () => locks,
    () => undefined,
  );
}

/** Empty: nothing. Undefined: there was no change lately, and storage is right. */
async function lastKept(locks: LockManager, key: string): Promise<string | undefined> {
  const { held = [] } = await locks.query();
  const kept = held.flatMap(({ name }) => (name?.startsWith(`${key} `) ? [name.slice(key.length + 1)] : []));
  // The time comes first, and has as many digits for centuries.
  const last = kept.sort().at(-1);
  return last?.slice(last.indexOf(" ") + 1);
}
