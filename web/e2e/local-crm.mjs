// The CRM of the integration tests (tests/src/crm.rs) as a process of its own.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const binary = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/local-crm");

/** What lets a server ask this machine, which it otherwise does not. */
export const ASKS_THIS_MACHINE = {
  DESKBELL_EGRESS_ALLOW_PRIVATE: "127.0.0.1",
  DESKBELL_EGRESS_ALLOW_HTTP: "true",
};

/** As an admin of the CRM would hand them over. */
export const CLIENT = { id: "deskbell", secret: "canary-client-secret-7" };

export class LocalCrm {
  #process;

  static async start() {
    const crm = new LocalCrm();
    crm.#process = spawn(binary, { stdio: ["pipe", "pipe", "inherit"] });
    const [line] = await once(crm.#process.stdout, "data");
    crm.url = line.toString().trim();
    return crm;
  }

  /** As an admin fills it in. */
  get config() {
    return {
      api_url: this.url,
      token_url: `${this.url}/oauth/v1/token`,
      client_id: CLIENT.id,
      contact_link: `${this.url}/contacts/{id}`,
      deal_link: `${this.url}/deals/{id}`,
    };
  }

  async #want(wish, body) {
    const answer = await fetch(`${this.url}/control/${wish}`, { method: "POST", body: JSON.stringify(body ?? {}) });
    return answer.json();
  }

  /** The next requests are answered with these. */
  fail(statuses) {
    return this.#want("fail", { statuses });
  }

  async notes(email) {
    return (await this.#want("notes", { email })).notes;
  }

  async stop() {
    const gone = once(this.#process, "exit");
    this.#process.stdin.end();
    await gone;
  }
}
