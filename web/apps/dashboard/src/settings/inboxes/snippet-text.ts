// What a site's owner puts into their page.

export function snippet(origin: string, key: string): string {
  return `<script src="${origin}/widget/loader.js" data-inbox="${key}" async></script>`;
}
