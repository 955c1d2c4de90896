// Which text a brand colour can carry, by the contrast of WCAG 2.

const HEX = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i;

function luminance(hex: string): number | null {
  const parts = HEX.exec(hex);
  if (!parts) return null;
  const [red, green, blue] = parts.slice(1).map((part) => {
    const value = Number.parseInt(part, 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The better readable of black and white on `#rrggbb`; null when it is none. */
export function textOn(hex: string): "#000000" | "#ffffff" | null {
  const light = luminance(hex);
  if (light === null) return null;
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 ? "#ffffff" : "#000000";
}

/** Two colours `#rrggbb` against each other, from 1 to 21; null when one is none. */
export function contrastBetween(one: string, other: string): number | null {
  const [a, b] = [luminance(one), luminance(other)];
  return a === null || b === null ? null : (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}
