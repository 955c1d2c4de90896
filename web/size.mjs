// The size budgets: what a visitor and an agent load first, compressed.

import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const KB = 1024;
const budgets = [
  { name: "loader", app: "widget", folder: "dist", files: /^loader\.js$/, most: 2.5 * KB },
  { name: "messenger", app: "widget", files: /^(?!shop-|Question-|Rating-|ring-).*\.(js|css)$/, most: 30 * KB },
  { name: "messenger's questions", app: "widget", files: /^Question-.*\.js$/, most: 8 * KB },
  { name: "messenger's rating", app: "widget", files: /^Rating-.*\.js$/, most: 8 * KB },
  { name: "log-in", app: "dashboard", files: /^index-.*\.(js|css)$/, most: 130 * KB },
  { name: "agent's page", app: "dashboard", files: /^(?!Settings-).*\.(js|css)$/, most: 220 * KB },
  { name: "settings", app: "dashboard", files: /^Settings-.*\.js$/, most: 40 * KB },
];

for (const { name, app, folder: at = "dist/assets", files, most } of budgets) {
  const folder = new URL(`apps/${app}/${at}/`, import.meta.url);
  const all = readdirSync(folder).filter((file) => files.test(file));
  const size = all.reduce((sum, file) => sum + gzipSync(readFileSync(new URL(file, folder))).length, 0);
  const verdict = size <= most ? "" : "  TOO LARGE";
  console.log(`${name}: ${(size / KB).toFixed(1)} of ${most / KB} KB${verdict}`);
  if (size > most || all.length === 0) process.exitCode = 1;
}
