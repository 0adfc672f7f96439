type Sides = readonly [width: number, height: number];

/** Width and height of `1024x768`; undefined for a size that is a name or none. */
export function sidesOf(size: string | undefined): Sides | undefined {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(size ?? "") ?? [];
  return width && height ? [Number(width), Number(height)] : undefined;
}

/**
 * Sides in the shape of `16:9` that together have at most `pixels`, in multiples of `step`: what a named size means to
 * a provider that only knows pixels. `auto` and no ratio are a square.
 */
export function sidesFor(ratio: string | undefined, pixels: number, step = 16): Sides {
  const shape = ratioOf(ratio ?? "1:1") ?? 1;
  const down = (side: number) => Math.max(step, Math.floor(side / step + 1e-9) * step);
  return [down(Math.sqrt(pixels * shape)), down(Math.sqrt(pixels / shape))];
}

/** Width by height of `16:9`, undefined for `auto`. */
export function ratioOf(ratio: string): number | undefined {
  const [across = Number.NaN, down = Number.NaN] = ratio.split(":").map(Number);
  const shape = across / down;
  return Number.isFinite(shape) && shape > 0 ? shape : undefined;
}

/** Pixels of the sizes that have names. */
export const namedPixels: Readonly<Record<string, number>> = { "1K": 1_024 ** 2, "2K": 2_048 ** 2, "4K": 4_096 ** 2 };
