// The desk's API as an admin's script would use it, for what a test prepares.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { PASSWORD } from "./people.mjs";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** `ask(method, path, body)`, logged in; `body` is JSON, or bytes of a plugin file. */
export async function asOwner(url) {
  const log = { tenant: "demo", email: "owner@demo.test", password: PASSWORD };
  const { access_token: token } = await send(url, null, "POST", "/auth/login", log);
  return (method, path, body) => send(url, token, method, path, body);
}

/** Without a token it is anybody. */
export async function send(url, token, method, path, body) {
  const file = body instanceof Uint8Array;
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      ...(body && { "content-type": file ? "application/wasm" : "application/json" }),
      ...(token && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body: file ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
  return text ? JSON.parse(text) : null;
}

/** One of the misbehaving ones, as `scripts/plugins zoo` has built it. */
export function zooFile(name) {
  return readFile(`${root}tests/zoo/dist/${name}.wasm`);
}

/** The same file under another version of the same length: the manifest in it is text. */
export function reversioned(file, from, to) {
  assert.equal(from.length, to.length);
  const copy = Buffer.from(file);
  const at = copy.indexOf(`version = "${from}"`);
  assert.ok(at >= 0, `the file has no version ${from}`);
  copy.write(to, at + 'version = "'.length);
  return copy;
}

/** A bot that answers first at the demo's shop: an installed one, or one from a file. */
export async function withBot(url, key, file, config) {
  const ask = await asOwner(url);
  if (file) {
    const { plugin } = await ask("POST", "/plugins", file);
    const grants = { hooks: ["bot"], capabilities: [] };
    await ask("POST", "/installations", { plugin_id: plugin.id, ...grants, config, enabled: true });
  }
  const { items: installed } = await ask("GET", "/installations");
  const { items: inboxes } = await ask("GET", "/inboxes");
  const inbox = inboxes.find((it) => it.key === "demo-web");
  await ask("PATCH", `/inboxes/${inbox.id}`, { bot: installed.find((it) => it.plugin_key === key).id });
}
