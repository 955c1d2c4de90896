// Where visitors ring: how each inbox looks, where its script goes, and which pages
// may use it.

import { globe } from "@deskbell/ui/icons";
import { useDeskState } from "../../desk/useDesk.ts";
import { settingsHref } from "../../desk/useSettings.ts";
import { Empty } from "../../parts/Empty.tsx";
import { CARD, Heading } from "../Heading.tsx";
import { InboxForm } from "./InboxForm.tsx";

export function Inboxes({ id }: { id: string | null }) {
  const all = Object.values(useDeskState().inboxes).sort((a, b) => a.name.localeCompare(b.name));
  const chosen = all.find((it) => it.id === id) ?? all[0];
  return (
    <>
      <Heading title="Inboxes" text="Each is a place visitors ring at, such as the pages of one site." />
      {all.length > 1 && (
        <nav aria-label="Inboxes" className="flex flex-wrap gap-1">
          {all.map((it) => (
            <a
              key={it.id}
              href={settingsHref("inboxes", it.id)}
              aria-current={it === chosen ? "page" : undefined}
              className={`max-w-full truncate rounded-control px-3 py-1.5 ${it === chosen ? "bg-accent-tint font-medium text-accent-text" : "hover:bg-hover"}`}
            >
              {it.name}
            </a>
          ))}
        </nav>
      )}
      {chosen ? (
        <InboxForm key={chosen.id} inbox={chosen} />
      ) : (
        <div className={CARD}>
          <Empty icon={globe} title="No inboxes">
            This desk has no place to ring at. Make one through the API: <code>POST /api/v1/inboxes</code>.
          </Empty>
        </div>
      )}
    </>
  );
}
