// What admins arrange: plugins, saved replies, inboxes; and what was arranged. Loaded
// when it is opened.

import { back, globe, history, plug, saved } from "@deskbell/ui/icons";
import { useEffect, useRef } from "react";
import { useDeskState, useMayAdminister } from "../desk/useDesk.ts";
import { SECTIONS, type Section, type SettingsPlace, settingsHref } from "../desk/useSettings.ts";
import { Empty, Skeletons } from "../parts/Empty.tsx";
import { Icon } from "../parts/Icon.tsx";
import { Me } from "../parts/Me.tsx";
import { Audit } from "./audit/Audit.tsx";
import { Heading } from "./Heading.tsx";
import { Inboxes } from "./inboxes/Inboxes.tsx";
import { Detail } from "./plugins/Detail.tsx";
import { Plugins } from "./plugins/Plugins.tsx";
import { Upgrade } from "./plugins/Upgrade.tsx";
import { Replies } from "./replies/Replies.tsx";

const ICONS: Record<Section, string> = { plugins: plug, replies: saved, inboxes: globe, audit: history };

interface Props {
  place: SettingsPlace;
  onLogOut(): void;
}

export default function Settings({ place, onLogOut }: Props) {
  const where = `${place.section} ${place.id} ${place.version}`;
  const page = useRef<HTMLDivElement>(null);
  const came = useRef(where);
  // The link one came by is gone: go on where the page begins.
  useEffect(() => {
    if (came.current !== where && document.activeElement === document.body) page.current?.focus();
    came.current = where;
  }, [where]);
  const sectionList = useRef<HTMLDivElement>(null);
  // On a phone not all of them have room beside each other.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another one is marked.
  useEffect(() => {
    sectionList.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [place.section]);
  const known = useDeskState().me !== null;
  const admin = useMayAdminister();
  const sections = (Object.keys(SECTIONS) as Section[]).filter((each) => admin || each === "replies");
  return (
    <div className="flex min-w-0 flex-1 flex-col views:flex-row">
      <nav
        aria-label="Settings"
        className="flex shrink-0 items-center gap-1 border-line bg-sunken px-2 py-1 not-views:border-b views:w-46 views:flex-col views:items-stretch views:border-r views:p-3 wide:w-55"
      >
        <a
          href="#/mine"
          className="flex h-8 shrink-0 items-center gap-2 rounded-control px-2 hover:bg-hover phone:hidden"
        >
          <Icon path={back} size={20} />
          <span className="sr-only">Back to the chats</span>
        </a>
        <p className="hidden px-2 pt-1 pb-3 text-heading font-semibold views:block">Settings</p>
        <div ref={sectionList} className="flex min-w-0 flex-1 gap-1 overflow-x-auto views:flex-none views:flex-col">
          {sections.map((each) => {
            const here = each === place.section;
            return (
              <a
                key={each}
                href={settingsHref(each)}
                aria-current={here ? "page" : undefined}
                className={`flex h-8 shrink-0 items-center gap-2 rounded-control px-2 whitespace-nowrap transition-colors ${here ? "bg-hover font-medium" : "hover:bg-hover"}`}
              >
                <Icon path={ICONS[each]} className={`hidden phone:block ${here ? "text-accent-text" : "text-muted"}`} />
                {SECTIONS[each]}
              </a>
            );
          })}
        </div>
        <span className="shrink-0 phone:hidden">
          <Me side="bottom" onLogOut={onLogOut} />
        </span>
      </nav>
      {/* biome-ignore-start lint/a11y/noNoninteractiveTabindex: a scrolled box must be reachable by keyboard. */}
      <main key={where} className="min-w-0 flex-1 overflow-y-auto bg-page -outline-offset-2" tabIndex={0}>
        <div
          ref={page}
          tabIndex={-1}
          className="mx-auto grid max-w-224 grid-cols-1 gap-6 px-4 py-6 outline-none views:px-8"
        >
          {!known ? (
            <Skeletons count={3} />
          ) : sections.includes(place.section) ? (
            <Page place={place} />
          ) : (
            <>
              <Heading title={SECTIONS[place.section]} text="" />
              <Empty icon={ICONS[place.section]} title="Only admins can open this">
                Ask an admin or the owner of this desk. The saved replies are open to everybody.
              </Empty>
            </>
          )}
        </div>
      </main>
      {/* biome-ignore-end lint/a11y/noNoninteractiveTabindex: as above. */}
    </div>
  );
}

function Page({ place }: { place: SettingsPlace }) {
  switch (place.section) {
    case "plugins":
      if (place.id && place.version) return <Upgrade id={place.id} version={place.version} />;
      return place.id ? <Detail key={place.id} id={place.id} /> : <Plugins />;
    case "replies":
      return <Replies />;
    case "inboxes":
      return <Inboxes id={place.id} />;
    case "audit":
      return <Audit query={place.query ?? ""} />;
  }
}
