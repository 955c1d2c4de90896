// An order page as a shop has one. It has one button that matters here: "Need
// help with this order?".

import { card, place, truck } from "@deskbell/ui/icons";
import { Icon } from "../messenger/Icon.tsx";
import { type Item, order, price, shop } from "./order.ts";

export function OrderPage({ onHelp }: { onHelp(): void }) {
  const goods = order.items.reduce((sum, item) => sum + item.count * item.price, 0);
  return (
    <div class="shop">
      <header class="shop-header">
        <a class="shop-name" href="/demo/">
          {shop}
        </a>
        <nav aria-label="Shop">
          <span>Coffee</span>
          <span>Brewing</span>
          <span>Table</span>
          <span aria-current="page">Your orders</span>
        </nav>
      </header>
      <main class="shop-main">
        <div class="shop-title">
          <div>
            <p class="shop-small">Ordered on {order.placed}</p>
            <h1>Order {order.id}</h1>
          </div>
          <button type="button" class="shop-help" onClick={onHelp}>
            Need help with this order?
          </button>
        </div>
        <section class="shop-card shop-progress" aria-label="Delivery">
          <h2>
            <Icon path={truck} />
            {order.arrives}
          </h2>
          <p class="shop-small">{order.carrier}</p>
          <ol>
            {order.steps.map((step, at) => (
              <li
                key={step}
                class={at < order.at ? "past" : at === order.at ? "now" : ""}
                aria-current={at === order.at ? "step" : undefined}
              >
                {step}
              </li>
            ))}
          </ol>
        </section>
        <div class="shop-columns">
          <section class="shop-card" aria-label="Items">
            <h2>Items</h2>
            <ul class="shop-items">
              {order.items.map((item) => (
                <li key={item.name}>
                  <Picture of={item.picture} />
                  <div>
                    <strong>{item.name}</strong>
                    <span class="shop-small">{item.detail}</span>
                  </div>
                  <span class="shop-small">{item.count > 1 ? `${item.count} ×` : ""}</span>
                  <span class="shop-price">{price(item.count * item.price)}</span>
                </li>
              ))}
            </ul>
            <dl class="shop-sums">
              <dt>Items</dt>
              <dd>{price(goods)}</dd>
              <dt>Delivery</dt>
              <dd>{price(order.shipping)}</dd>
              <dt>Total</dt>
              <dd>{price(goods + order.shipping)}</dd>
            </dl>
          </section>
          <div class="shop-side">
            <section class="shop-card" aria-label="Delivery address">
              <h2>
                <Icon path={place} size={16} />
                Delivered to
              </h2>
              {order.address.map((line) => (
                <p key={line}>{line}</p>
              ))}
            </section>
            <section class="shop-card" aria-label="Payment">
              <h2>
                <Icon path={card} size={16} />
                Paid with
              </h2>
              <p>{order.payment}</p>
            </section>
          </div>
        </div>
      </main>
    </div>
  );
}

const PICTURES: Record<Item["picture"], string[]> = {
  kettle: ["M18 26h20l4 22H14z", "M22 26c0-5 12-5 12 0", "M28 20v-4", "M41 32c8-1 6-12 13-13", "M16 30c-8 0-8 14-1 14"],
  cups: ["M10 22h20v12a10 8 0 0 1-20 0z", "M30 25c7-1 7 9 0 9", "M32 40h18v4a9 7 0 0 1-18 0z", "M50 42c5-1 5 6 0 6"],
  beans: [
    "M18 14h28l3 36a4 4 0 0 1-4 4H19a4 4 0 0 1-4-4z",
    "M18 14l4-5h20l4 5",
    "M27 32c6-6 14 2 8 8s-14-2-8-8z",
    "M28 39c2-4 4-2 7-6",
  ],
};

function Picture({ of }: { of: Item["picture"] }) {
  return (
    <svg class={`shop-picture ${of}`} viewBox="0 0 64 64" aria-hidden="true">
      {PICTURES[of].map((path) => (
        <path key={path} d={path} />
      ))}
    </svg>
  );
}
