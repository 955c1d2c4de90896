// Where one is in the settings, kept in the address: `#/settings/plugins/inst_…`.

import { useMemo } from "react";
import { useHash } from "./useRoute.ts";

export const SECTIONS = {
  plugins: "Plugins",
  replies: "Saved replies",
  inboxes: "Inboxes",
  audit: "Audit log",
} as const;
export type Section = keyof typeof SECTIONS;

export interface SettingsPlace {
  section: Section;
  id: string | null;
  /** A page below that one: the version to go to. */
  version?: string;
  /** What of it one wants to see. */
  query?: string;
}

export function settingsOf(hash: string): SettingsPlace | null {
  const [path = "", query] = hash.split("?", 2);
  const [, first, section = "", id = "", version = ""] = path.split("/");
  if (first !== "settings") return null;
  return {
    section: Object.hasOwn(SECTIONS, section) ? (section as Section) : "replies",
    id: id || null,
    ...(version && { version: decodeURIComponent(version) }),
    ...(query && { query }),
  };
}

export function settingsHref(section: Section, id?: string, version?: string): string {
  return `#/settings/${[section, id, version && encodeURIComponent(version)].filter(Boolean).join("/")}`;
}

/** Null anywhere else. */
export function useSettings(): SettingsPlace | null {
  const hash = useHash();
  return useMemo(() => settingsOf(hash), [hash]);
}
