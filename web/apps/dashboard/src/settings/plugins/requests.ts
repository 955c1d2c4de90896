// The routes of plugins and installations, by what one wants of them.

import type { Desk } from "@deskbell/client";
import type {
  Admitted,
  CatalogueEntry,
  Installation,
  InstallationPatch,
  NewInstallation,
  Plugin,
  PluginFailure,
  PluginVersion,
} from "./wire.ts";

interface Listed<Item> {
  items: Item[];
}
type Ask = (method: string, path: string, request: object) => Promise<unknown>;

export function pluginRequests(desk: Desk) {
  const ask = desk.ask.bind(desk) as unknown as Ask;
  const installation = "/api/v1/installations/{id}";
  return {
    catalogue: async () => ((await ask("GET", "/api/v1/plugins/catalogue", {})) as Listed<CatalogueEntry>).items,
    plugins: async () => ((await ask("GET", "/api/v1/plugins", {})) as Listed<Plugin>).items,
    versions: async (id: string) =>
      ((await ask("GET", "/api/v1/plugins/{id}/versions", { path: { id } })) as Listed<PluginVersion>).items,
    take: async (catalogue: string) => (await ask("POST", "/api/v1/plugins", { body: { catalogue } })) as Admitted,
    upload: async (file: File) =>
      (await ask("POST", "/api/v1/plugins", { body: new Blob([file], { type: "application/wasm" }) })) as Admitted,
    forget: (id: string) => ask("DELETE", "/api/v1/plugins/{id}", { path: { id } }),

    installations: async () => ((await ask("GET", "/api/v1/installations", {})) as Listed<Installation>).items,
    installation: async (id: string) => (await ask("GET", installation, { path: { id } })) as Installation,
    install: async (body: NewInstallation) => (await ask("POST", "/api/v1/installations", { body })) as Installation,
    change: async ({ id, version }: Installation, body: InstallationPatch) =>
      (await ask("PATCH", installation, { path: { id }, body, ifMatch: version })) as Installation,
    enable: async (id: string, on: boolean) =>
      (await ask("POST", `${installation}/${on ? "enable" : "disable"}`, { path: { id } })) as Installation,
    uninstall: (id: string) => ask("DELETE", installation, { path: { id } }),
    failures: async (id: string) =>
      ((await ask("GET", `${installation}/failures`, { path: { id } })) as Listed<PluginFailure>).items,
  };
}

export type PluginRequests = ReturnType<typeof pluginRequests>;
