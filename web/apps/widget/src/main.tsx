// The visitor's page: a shop's order page with the messenger on it. The messenger
// knows nothing of the shop but what is handed to it here.

import "@deskbell/ui/tokens.css";
import "@deskbell/ui/base.css";
import "./shop/shop.css";
import "./messenger/messenger.css";
import { browserShelf, Messenger, rest, VisitorSession } from "@deskbell/client";
import { render } from "preact";
import { App } from "./messenger/App.tsx";
import { type Bell, newBell } from "./messenger/bell.ts";
import { OrderPage } from "./shop/OrderPage.tsx";
import { order } from "./shop/order.ts";

const INBOX = "demo-web";

const shelf = browserShelf();
const call = rest();
const messenger = new Messenger({
  rest: call,
  session: new VisitorSession(call, shelf, INBOX),
  socketUrl: `${location.origin.replace(/^http/, "ws")}/api/v1/widget/socket`,
  shelf,
  inbox: INBOX,
});
const bell: Bell = newBell();
const context = {
  label: `Order ${order.id}`,
  attributes: { order_id: order.id },
  categories: ["Late delivery", "Refund", "Something else"],
};

mount("page", <OrderPage onHelp={bell.ring} />);
mount("messenger", <App messenger={messenger} bell={bell} context={context} shelf={shelf} />);

function mount(id: string, what: preact.ComponentChild): void {
  const place = document.getElementById(id);
  if (place) render(what, place);
}
