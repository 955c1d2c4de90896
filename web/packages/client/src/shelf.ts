// What a browser keeps between visits. A page in a private window or with
// storage switched off still works: it only forgets.

export interface Shelf {
  get(key: string): string | null;
  set(key: string, value: string): void;
  remove(key: string): void;
  /** Keys that begin with `prefix`, in no order. */
  keys(prefix: string): string[];
  /** Hears what other pages of this browser change; answers how to stop. */
  watch(listener: (key: string, value: string | null) => void): () => void;
}

export function memoryShelf(): Shelf {
  const kept = new Map<string, string>();
  return {
    get: (key) => kept.get(key) ?? null,
    set: (key, value) => void kept.set(key, value),
    remove: (key) => void kept.delete(key),
    keys: (prefix) => [...kept.keys()].filter((key) => key.startsWith(prefix)),
    watch: () => () => undefined,
  };
}

/** The part of a shelf whose keys begin with `scope`, without that beginning. */
export function scoped(shelf: Shelf, scope: string): Shelf {
  return {
    get: (key) => shelf.get(scope + key),
    set: (key, value) => shelf.set(scope + key, value),
    remove: (key) => shelf.remove(scope + key),
    keys: (prefix) => shelf.keys(scope + prefix).map((key) => key.slice(scope.length)),
    watch: (listener) =>
      shelf.watch((key, value) => {
        if (key.startsWith(scope)) listener(key.slice(scope.length), value);
      }),
  };
}

export function browserShelf(): Shelf {
  let storage: Storage;
  try {
    storage = window.localStorage;
    storage.getItem("deskbell");
  } catch {
    return memoryShelf();
  }
  return {
    get: (key) => storage.getItem(key),
    set: (key, value) => {
      try {
        storage.setItem(key, value);
      } catch {
        // Full: what is open goes on, only a reload forgets it.
      }
    },
    remove: (key) => storage.removeItem(key),
    keys: (prefix) => Object.keys(storage).filter((key) => key.startsWith(prefix)),
    watch: (listener) => {
      const hear = (event: StorageEvent) => {
        if (event.storageArea === storage && event.key !== null) listener(event.key, event.newValue);
      };
      window.addEventListener("storage", hear);
      return () => window.removeEventListener("storage", hear);
    },
  };
}
