// How the page around opens the messenger: "Need help?" rings, the messenger
// listens. The only thing the two share.

export interface Bell {
  ring(): void;
  onRing(listener: () => void): () => void;
}

export function newBell(): Bell {
  const listeners = new Set<() => void>();
  return {
    ring: () => {
      for (const listener of listeners) listener();
    },
    onRing: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
