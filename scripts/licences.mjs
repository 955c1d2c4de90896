// Holds the npm packages against the licences deny.toml allows, by what
// web/package-lock.json says of them. Packages that end up in the pages must
// have an allowed licence; packages that only build or test must have one.

import { existsSync, readFileSync } from "node:fs";

if (!existsSync("web/package-lock.json")) process.exit(0);

const allowed = new Set(
  readFileSync("deny.toml", "utf8")
    .match(/^allow = \[([\s\S]*?)^\]/m)[1]
    .match(/"[^"]+"/g)
    .map((quoted) => quoted.slice(1, -1)),
);
// `A OR B` passes when one branch does; `AND` is nothing a page needs so far.
const passes = (expression) =>
  expression
    .replace(/[()]/g, "")
    .split(" OR ")
    .some((licence) => allowed.has(licence.trim()));

const { packages } = JSON.parse(readFileSync("web/package-lock.json", "utf8"));
let shipped = 0;
for (const [path, entry] of Object.entries(packages)) {
  if (!path.includes("node_modules/") || entry.link) continue;
  const name = path.split("node_modules/").pop();
  const ships = !entry.dev && !entry.devOptional;
  if (ships) shipped += 1;
  if (!entry.license || (ships && !passes(entry.license))) {
    console.log(`supply-chain: FOUND: ${name} ${entry.version}: licence ${entry.license ?? "unknown"}`);
    process.exitCode = 1;
  }
}
if (!process.exitCode) console.log(`supply-chain: npm licences: ${shipped} shipped packages, nothing against them`);
