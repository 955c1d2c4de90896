// The routes of plugins and installations, by what one wants of them.

import type { Bodies, Desk, Installation } from "@deskbell/client";

const ONE = "/api/v1/installations/{id}";

export function pluginRequests(desk: Desk) {
  const at = (id: string) => ({ path: { id } });
  return {
    catalogue: async () => (await desk.ask("GET", "/api/v1/plugins/catalogue", {})).items,
    plugins: async () => (await desk.ask("GET", "/api/v1/plugins", { query: { limit: MOST } })).items,
    versions: async (id: string) => (await desk.ask("GET", "/api/v1/plugins/{id}/versions", at(id))).items,
    take: (catalogue: string) => desk.ask("POST", "/api/v1/plugins", { body: { catalogue } }),
    upload: (file: File) =>
      desk.ask("POST", "/api/v1/plugins", { body: new Blob([file], { type: "application/wasm" }) }),
    forget: (id: string) => desk.ask("DELETE", "/api/v1/plugins/{id}", at(id)),

    installations: async () => (await desk.ask("GET", "/api/v1/installations", { query: { limit: MOST } })).items,
    installation: (id: string) => desk.ask("GET", ONE, at(id)),
    install: (body: Bodies["NewInstallation"]) => desk.ask("POST", "/api/v1/installations", { body }),
    change: ({ id, version }: Installation, body: Bodies["InstallationPatch"]) =>
      desk.ask("PATCH", ONE, { ...at(id), body, ifMatch: version }),
    enable: (id: string) => desk.ask("POST", `${ONE}/enable`, at(id)),
    disable: (id: string) => desk.ask("POST", `${ONE}/disable`, at(id)),
    uninstall: (id: string) => desk.ask("DELETE", ONE, at(id)),
    failures: async (id: string) => (await desk.ask("GET", `${ONE}/failures`, at(id))).items,

    upgrade: (id: string, body: Bodies["Upgrade"]) => desk.ask("POST", `${ONE}/upgrade`, { ...at(id), body }),
    rollBack: (id: string) => desk.ask("POST", `${ONE}/rollback`, at(id)),
    calls: async (id: string) =>
      (await desk.ask("GET", `${ONE}/invocations`, { ...at(id), query: { limit: MOST } })).items,
    figures: async (id: string) =>
      (await desk.ask("GET", `${ONE}/metrics`, { ...at(id), query: { limit: MOST } })).items,
    /** What came after that; waits for it if need be. */
    log: (id: string, after: string | null, signal: AbortSignal) =>
      desk.ask("GET", `${ONE}/logs`, {
        ...at(id),
        query: { ...(after && { after }), tail: true, limit: MOST },
        signal,
      }),

    parked: async (id: string) =>
      (await desk.ask("GET", `${ONE}/parked-events`, { ...at(id), query: { limit: MOST } })).items,
    retryParked: (id: string, event_id: string) =>
      desk.ask("POST", `${ONE}/parked-events/{event_id}/retry`, { path: { id, event_id } }),
    discardParked: (id: string, event_id: string) =>
      desk.ask("DELETE", `${ONE}/parked-events/{event_id}`, { path: { id, event_id } }),

    webhooks: async (id: string) =>
      (await desk.ask("GET", `${ONE}/webhooks`, { ...at(id), query: { limit: MOST } })).items,
    renewWebhookKey: (id: string) => desk.ask("POST", `${ONE}/webhooks/renew-key`, at(id)),

    secrets: async (id: string) => (await desk.ask("GET", `${ONE}/secrets`, at(id))).items,
    setSecret: (id: string, name: string, value: string) =>
      desk.ask("PUT", `${ONE}/secrets/{name}`, { path: { id, name }, body: { value } }),
    removeSecret: (id: string, name: string) => desk.ask("DELETE", `${ONE}/secrets/{name}`, { path: { id, name } }),
  };
}

/** More than a desk will have; the largest page there is. */
const MOST = 200;

export type PluginRequests = ReturnType<typeof pluginRequests>;
