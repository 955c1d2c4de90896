// What a call of a plugin may use at most, by name, and in what it is counted.

import type { PluginLimits } from "@deskbell/client";

export const LIMITS: Record<keyof PluginLimits, readonly [name: string, unit: string]> = {
  cpu_ms: ["Computing time", "ms"],
  wall_ms: ["Time to answer", "ms"],
  memory_mib: ["Memory", "MiB"],
  http_requests: ["Requests to the outside", ""],
  host_calls: ["Questions to the desk", ""],
  log_kib: ["Log", "KiB"],
};
