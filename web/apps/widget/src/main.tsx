// The messenger's page. The server has written into it which inbox it is for; the
// page around hands over the port, and only then is anything drawn.

import "@deskbell/ui/tokens.css";
import "@deskbell/ui/base.css";
import "./messenger/frame.css";
import "./messenger/parts.css";
import "./messenger/thread.css";
import { browserShelf, Messenger, type Routes, rest, scoped, VisitorSession } from "@deskbell/client";
import { render } from "preact";
import { App } from "./messenger/App.tsx";
import { alone, framed, type Host } from "./messenger/host.ts";
import { whereabouts } from "./messenger/whereabouts.ts";

type VisitorInbox = Routes["/api/v1/widget/sessions"]["post"]["responses"][201]["content"]["application/json"]["inbox"];

interface Written {
  inbox: VisitorInbox;
  origins: string[];
}

const written = document.querySelector<HTMLMetaElement>('meta[name="deskbell"]')?.content ?? "";
const place = document.getElementById("messenger");

function draw({ inbox }: Written, host: Host): void {
  const call = rest();
  const shelf = browserShelf();
  const messenger = new Messenger({
    rest: call,
    session: new VisitorSession({ rest: call, shelf, inbox: inbox.key, whereabouts: () => whereabouts(host.where) }),
    socketUrl: `${location.origin.replace(/^http/, "ws")}/api/v1/widget/socket`,
    shelf,
    inbox: inbox.key,
  });
  messenger.state.dispatch({ type: "inbox", inbox });
  const own = scoped(shelf, `deskbell.chat.${inbox.key}.`);
  if (place) render(<App messenger={messenger} host={host} shelf={own} />, place);
}

const page = JSON.parse(written) as Written;
if (window.parent === window) draw(page, alone());
else void framed(page.origins).then((host) => draw(page, host));
