// The messenger's page and the demo shop. Built for a strict content security
// policy: nothing inline, nothing as a data: address, everything under /widget/.
// The loader has a build of its own: `vite.loader.config.ts`.

import { defineConfig } from "vite";

// `light-dark()` and friends as they are: written out for older browsers the
// styles would be twice as large.
const MODERN = ["chrome123", "firefox120", "safari17.5"];

export default defineConfig({
  base: "/widget/",
  build: {
    assetsInlineLimit: 0,
    modulePreload: false,
    target: "es2022",
    cssTarget: MODERN,
    rollupOptions: { input: { messenger: "messenger.html", shop: "index.html" } },
  },
});
