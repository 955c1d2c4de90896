// The generated types are those of the committed API description: whoever changes
// one without `make gen` hears of it here.

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const web = fileURLToPath(new URL("../../../", import.meta.url));
const run = (program: string, arguments_: string[], input?: string) =>
  execFileSync(`${web}node_modules/.bin/${program}`, arguments_, {
    cwd: web,
    encoding: "utf8",
    ...(input && { input }),
  });

test("the types are made from the description", { timeout: 60_000 }, () => {
  const made = run("openapi-typescript", ["packages/protocol/openapi.json"]);
  const file = "packages/protocol/src/openapi.ts";
  const formatted = run("biome", ["check", "--write", `--stdin-file-path=${file}`], made);
  expect(readFileSync(web + file, "utf8") === formatted, "run `make gen`, and commit what it changes").toBe(true);
});
