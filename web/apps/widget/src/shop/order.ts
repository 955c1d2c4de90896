// The order on the demo page. Made up, like the shop.

export interface Item {
  name: string;
  detail: string;
  picture: "kettle" | "cups" | "beans";
  count: number;
  /** Cents. */
  price: number;
}

export const shop = "Alder & Finch";

export const order = {
  id: "A-1001",
  placed: "18 November",
  arrives: "Arrives Tuesday, 24 November",
  carrier: "With Northpost since this morning",
  steps: ["Ordered", "Packed", "On its way", "Delivered"],
  /** Index of the step it is at. */
  at: 2,
  items: [
    { name: "Pour-over kettle", detail: "Steel, 0.9 l", picture: "kettle", count: 1, price: 6400 },
    { name: "Stoneware cups", detail: "Set of two, sage", picture: "cups", count: 1, price: 2800 },
    { name: "House roast", detail: "Whole beans, 500 g", picture: "beans", count: 2, price: 1450 },
  ] satisfies Item[] as Item[],
  shipping: 490,
  address: ["Mia Lund", "14 Orchard Lane", "Bristol BS6 5QT"],
  payment: "Card ending in 4242",
};

export function price(cents: number): string {
  return `€${(cents / 100).toFixed(2)}`;
}
