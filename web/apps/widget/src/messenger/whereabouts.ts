// What this browser says of itself when it rings, cut to what the server takes.

import type { Whereabouts } from "@deskbell/client";
import type { Where } from "../port.ts";

const ADDRESS = 2000;
const TITLE = 300;

export function whereabouts(where: Where | null): Whereabouts {
  const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return {
    ...(where && isWeb(where.url) && { page: pageOf(where) }),
    locale: navigator.language.slice(0, 64),
    ...(time_zone && { time_zone }),
    screen: `${screen.width}x${screen.height}`,
  };
}

function pageOf({ url, title, referrer }: Where) {
  return {
    url: cut(url, ADDRESS),
    title: title ? cut(title, TITLE) : null,
    referrer: isWeb(referrer) ? cut(referrer, ADDRESS) : null,
  };
}

const isWeb = (address: string) => /^https?:\/\//.test(address);
const cut = (text: string, most: number) => [...text].slice(0, most).join("");
