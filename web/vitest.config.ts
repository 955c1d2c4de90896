// Unit tests of all workspaces; the browser's are in e2e/.

import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { include: ["packages/*/test/**/*.test.ts", "apps/*/test/**/*.test.ts"], environment: "node" },
});
