// What the server tells of plugins.

export type Hook = "routing" | "variables";
export type Capability = "directory";

export interface Variable {
  name: string;
  description: string;
}

export interface Plugin {
  id: string;
  key: string;
  name: string;
  publisher: string;
  description: string;
  source: "upload" | "catalogue";
  latest_version: string;
  created_at: string;
  version: number;
}

export interface PluginVersion {
  plugin_id: string;
  plugin_version: string;
  digest: string;
  size: number;
  manifest: {
    id: string;
    name: string;
    version: string;
    publisher: string;
    license?: string | null;
    description?: string;
    config?: Record<string, unknown>;
  };
  hooks: Hook[];
  capabilities: Capability[];
  variables: Variable[];
  created_at: string;
}

export interface Admitted {
  plugin: Plugin;
  plugin_version: PluginVersion;
}

export interface CatalogueEntry {
  key: string;
  name: string;
  version: string;
  publisher: string;
  description: string;
  hooks: Hook[];
  capabilities: Capability[];
  digest: string;
  uploaded: boolean;
}

export interface Installation {
  id: string;
  plugin_id: string;
  plugin_key: string;
  plugin_name: string;
  plugin_version: string;
  digest: string;
  enabled: boolean;
  hooks: Hook[];
  capabilities: Capability[];
  config: Record<string, unknown>;
  position: number;
  created_at: string;
  version: number;
}

export interface PluginFailure {
  installation_id: string;
  hook: Hook;
  code: string;
  detail: string;
  conversation_id: string | null;
  count: number;
  first_at: string;
  last_at: string;
}

export interface NewInstallation {
  plugin_id: string;
  hooks: Hook[];
  capabilities: Capability[];
  config?: unknown;
  enabled?: boolean;
}

export type InstallationPatch = Partial<Pick<Installation, "hooks" | "capabilities" | "position">> & {
  config?: unknown;
};
