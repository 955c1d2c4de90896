// The loader, a classic script of one file under a name that never changes.

import { defineConfig } from "vite";

export default defineConfig({
  build: {
    emptyOutDir: false,
    target: "es2022",
    cssTarget: ["chrome123", "firefox120", "safari17.5"],
    copyPublicDir: false,
    lib: { entry: "src/loader/loader.ts", formats: ["iife"], name: "deskbellLoader", fileName: () => "loader.js" },
  },
});
