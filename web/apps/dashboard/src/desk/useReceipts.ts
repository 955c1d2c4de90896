// Tells visitors what has arrived here, and what was looked at: for one's own
// chats only, as somebody who looks over a shoulder has read nothing for them.

import { useEffect, useRef } from "react";
import { listed } from "./lists.ts";
import { useDesk, useDeskState, useLooking, useStore } from "./useDesk.ts";

export function useReceipts(shown: string | null): void {
  const desk = useDesk();
  const state = useDeskState();
  const live = useStore(desk.link) === "live";
  const looking = useLooking();
  const told = useRef(new Map<string, number>());
  useEffect(() => {
    if (!live) {
      told.current.clear();
      return;
    }
    for (const it of listed(state, "mine")) {
      const read = looking && it.id === shown;
      const known = read ? it.desk_read_seq : it.desk_delivered_seq;
      const key = `${it.id} ${read}`;
      // The last public one: a note is no news to a visitor.
      if (it.public_seq <= Math.max(known, told.current.get(key) ?? 0)) continue;
      told.current.set(key, it.public_seq);
      desk.seen(it.id, it.public_seq, read);
    }
  }, [desk, state, live, looking, shown]);
}
