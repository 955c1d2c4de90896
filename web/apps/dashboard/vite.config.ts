// Built for a strict content security policy: nothing inline, nothing as a data:
// address.

import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// `light-dark()` and friends as they are: written out for older browsers the
// styles would be twice as large.
const MODERN = ["chrome123", "firefox120", "safari17.5"];
const server = process.env.DESKBELL_DEV_SERVER ?? "http://127.0.0.1:8080";

export default defineConfig({
  base: "/",
  plugins: [react(), tailwind()],
  build: { assetsInlineLimit: 0, modulePreload: false, target: "es2022", cssTarget: MODERN },
  server: { proxy: { "/api": { target: server, ws: true } } },
});
