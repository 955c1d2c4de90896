// The real program on a free port with a data folder of its own, which can be
// killed and started again.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const READY_WITHIN_MS = 60_000;
const root = fileURLToPath(new URL("../..", import.meta.url));
const binary =
  process.env.DESKBELL_TEST_BINARY ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/deskbell");

export class Server {
  #folder;
  #port;
  #process = null;
  #said = "";
  #settings;

  /** `settings`: variables of its environment. */
  static async start(settings = {}) {
    const server = new Server();
    server.#settings = settings;
    server.#folder = await mkdtemp(join(tmpdir(), "deskbell-e2e-"));
    server.#port = await freePort();
    await server.up();
    return server;
  }

  get url() {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Starts it on the same port and data as before, and waits until it is ready. */
  async up() {
    const { DESKBELL_DATABASE_URL: _, DESKBELL_REDIS_URL: __, ...environment } = process.env;
    const child = spawn(binary, ["serve", "--demo"], {
      cwd: this.#folder,
      env: {
        ...environment,
        DESKBELL_LISTEN: `127.0.0.1:${this.#port}`,
        DESKBELL_DATA_DIR: join(this.#folder, "data"),
        ...this.#settings,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = child;
    const keep = (text) => {
      this.#said = (this.#said + text).slice(-20_000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!(await this.#ready())) {
      if (child.exitCode !== null || Date.now() > deadline) throw new Error(`the server did not start:\n${this.#said}`);
      // A closed port answers at once: ask again when the loop comes round.
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async #ready() {
    try {
      return (await fetch(`${this.url}/readyz`)).ok;
    } catch {
      return false;
    }
  }

  /** As a power cut would. */
  async kill() {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGKILL");
    await gone;
  }

  async stop() {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

async function freePort() {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address();
  probe.close();
  await once(probe, "close");
  return port;
}
