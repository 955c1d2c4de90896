// Asks the second round of advisory sources about the exact versions in
// the Cargo.lock files and the package-lock.json files, without any package of its
// own:
//
//   1. OSV (api.osv.dev), which joins RustSec, GitHub's and npm's advisories;
//   2. the crate registry's index: a withdrawn ("yanked") version is a finding;
//   3. the npm registry's own audit.
//
// A source that cannot be reached is named in one line and is no failure. What
// deny.toml lists under `[advisories] ignore` is ignored here too, so that there
// is one list. Notices such as "unmaintained" are shown and do not fail.
//
// DESKBELL_OSV and DESKBELL_CRATE_INDEX move the first two, for trying this out.

import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";

const OSV = process.env.DESKBELL_OSV ?? "https://api.osv.dev";
const INDEX = process.env.DESKBELL_CRATE_INDEX ?? "https://index.crates.io";
const PATIENCE_MS = 20_000;
const AT_ONCE = 16;

const say = (line) => console.log(`supply-chain: ${line}`);
const get = (url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });

const ignored = new Set(
  (readFileSync("deny.toml", "utf8").match(/^ignore = \[[\s\S]*?\]$/m)?.[0] ?? "").match(
    /(RUSTSEC|GHSA|CVE)-[\w-]+/g,
  ) ?? [],
);

function crates() {
  const found = new Map();
  const locks = ["Cargo.lock", "plugins/Cargo.lock"].map((path) => readFileSync(path, "utf8"));
  for (const block of locks.flatMap((lock) => lock.split("[[package]]").slice(1))) {
    const field = (name) => block.match(new RegExp(`^${name} = "(.*)"$`, "m"))?.[1];
    // Our own crates have no source; everything else is from the registry,
    // which cargo-deny has made sure of.
    const [name, version] = [field("name"), field("version")];
    if (field("source")) found.set(`${name} ${version}`, { ecosystem: "crates.io", name, version });
  }
  return [...found.values()];
}

function npmPackages() {
  const locks = ["web/package-lock.json", "bench/reference/socketio/package-lock.json"];
  const read = (path) => Object.entries(JSON.parse(readFileSync(path, "utf8")).packages);
  return locks
    .filter((path) => existsSync(path))
    .flatMap(read)
    .filter(([path, entry]) => path.includes("node_modules/") && !entry.link)
    .map(([path, entry]) => ({
      ecosystem: "npm",
      name: entry.name ?? path.split("node_modules/").pop(),
      version: entry.version,
    }));
}

/** Runs `job` over `items`, a few at a time, answers in order. */
async function each(items, job) {
  const answers = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const mine = next++;
      answers[mine] = await job(items[mine]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return answers;
}

/** Every source answers a list of findings, or throws when it is out of reach. */
async function osv(packages) {
  const findings = [];
  for (let start = 0; start < packages.length; start += 500) {
    const part = packages.slice(start, start + 500);
    const answer = await get(`${OSV}/v1/querybatch`, {
      method: "POST",
      body: JSON.stringify({
        queries: part.map(({ ecosystem, name, version }) => ({ version, package: { ecosystem, name } })),
      }),
    });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const { results } = await answer.json();
    const hits = results.flatMap((result, at) => (result.vulns ?? []).map(({ id }) => ({ id, of: part[at] })));
    findings.push(
      ...(await each(hits, async ({ id, of }) => {
        const entry = await (await get(`${OSV}/v1/vulns/${id}`)).json();
        const notice = (entry.affected ?? []).some((a) =>
          ["unmaintained", "notice"].includes(a.database_specific?.informational),
        );
        return { id, aliases: entry.aliases ?? [], of, text: entry.summary ?? "", notice };
      })),
    );
  }
  return findings;
}

async function yanked(packages) {
  const folder = (name) =>
    name.length < 3 ? name.length : name.length === 3 ? `3/${name[0]}` : `${name.slice(0, 2)}/${name.slice(2, 4)}`;
  const found = await each(packages, async (of) => {
    const name = of.name.toLowerCase();
    const answer = await get(`${INDEX}/${folder(name)}/${name}`);
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const lines = (await answer.text()).trim().split("\n");
    const entry = lines.map((line) => JSON.parse(line)).find((line) => line.vers === of.version);
    return entry?.yanked ? { id: "yanked", aliases: [], of, text: "withdrawn from crates.io" } : null;
  });
  return found.filter(Boolean);
}

function npmAudit() {
  return new Promise((resolve, reject) => {
    execFile("npm", ["audit", "--json"], { cwd: "web", maxBuffer: 1 << 26 }, (_failed, output) => {
      let report = {};
      try {
        report = JSON.parse(output);
      } catch {
        // No answer at all counts as out of reach.
      }
      if (!report.vulnerabilities) return reject(new Error(report.error?.summary || "no answer"));
      resolve(
        Object.values(report.vulnerabilities).flatMap((hit) =>
          hit.via
            .filter((via) => typeof via === "object")
            .map((via) => ({
              id: via.url?.split("/").pop() ?? String(via.source),
              aliases: [],
              of: { name: hit.name, version: hit.range },
              text: via.title,
              notice: via.severity === "info",
            })),
        ),
      );
    });
  });
}

const rust = crates();
const npm = npmPackages();
const sources = [
  [`OSV (${new URL(OSV).host})`, () => osv([...rust, ...npm]), rust.length + npm.length],
  [`the crate index (${new URL(INDEX).host})`, () => yanked(rust), rust.length],
];
if (npm.length > 0) sources.push(["the npm registry's audit", npmAudit, npm.length]);

for (const [name, ask, count] of sources) {
  let findings;
  try {
    findings = await ask();
  } catch (error) {
    say(`${name} cannot be reached (${error.cause?.code ?? error.message}): not checked`);
    continue;
  }
  const counted = findings.filter(({ id, aliases }) => ![id, ...aliases].some((each) => ignored.has(each)));
  for (const { id, of, text, notice } of counted) {
    say(`${notice ? "note" : "FOUND"}: ${of.name} ${of.version}: ${id} ${text}`);
    if (!notice) process.exitCode = 1;
  }
  if (counted.every(({ notice }) => notice)) say(`${name}: ${count} packages, nothing against them`);
}
