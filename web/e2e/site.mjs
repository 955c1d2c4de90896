// Somebody else's site, on an origin of its own: pages as given, under a policy
// as strict as one likes.

import { once } from "node:events";
import { createServer } from "node:http";

export class Site {
  #server;
  #pages;

  /** `pages(origin)` answers each path's `{ html, policy }`. */
  static async start(pages) {
    const site = new Site();
    site.#server = createServer((request, response) => site.#answer(request.url, response)).listen(0, "127.0.0.1");
    await once(site.#server, "listening");
    site.#pages = pages(site.origin);
    return site;
  }

  get origin() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  #answer(path, response) {
    const page = this.#pages[path];
    if (!page) {
      // Browsers ask for an icon that no page here has.
      response.writeHead(path === "/favicon.ico" ? 204 : 404).end();
      return;
    }
    const type = page.script === undefined ? "text/html" : "text/javascript";
    response.writeHead(200, {
      "content-type": `${type}; charset=utf-8`,
      ...(page.policy && { "content-security-policy": page.policy }),
    });
    response.end(page.script ?? `<!doctype html><html lang="en"${page.dir ? ` dir="${page.dir}"` : ""}>${page.html}`);
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** The strictest policy the widget promises to work under. */
export function strictest(server) {
  return `default-src 'none'; script-src ${server}; frame-src ${server}; require-trusted-types-for 'script'`;
}

/** A page with the widget, as docs/widget.md says. */
export function pageWith(server, body = "", attributes = `data-inbox="demo-web"`) {
  return (
    `<head><title>A site</title><script src="${server}/widget/loader.js" ${attributes} async>` +
    `</script></head><body><main><h1>A site</h1>${body}</main></body>`
  );
}

/** Lets pages of these origins carry the demo's chat, as an admin would. */
export async function allow(server, origins) {
  const ask = async (method, path, token, body) => {
    const answer = await fetch(`${server}/api/v1${path}`, {
      method,
      headers: { "content-type": "application/json", ...(token && { authorization: `Bearer ${token}` }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  const owner = { tenant: "demo", email: "owner@demo.test", password: "deskbell-demo" };
  const { access_token: token } = await ask("POST", "/auth/login", null, owner);
  const { items } = await ask("GET", "/inboxes", token);
  const inbox = items.find((each) => each.key === "demo-web");
  return ask("PATCH", `/inboxes/${inbox.id}`, token, { allowed_origins: origins });
}
