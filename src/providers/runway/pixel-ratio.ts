import { ratioOf } from "../pixel-size.ts";

/** Ratios with a name, widest first. Runway's are pixels, which only come near one. */
const names = [
  "8:1",
  "4:1",
  "21:9",
  "20:9",
  "19.5:9",
  "2:1",
  "16:9",
  "3:2",
  "4:3",
  "5:4",
  "1:1",
  "4:5",
  "3:4",
  "2:3",
  "9:16",
  "1:2",
  "9:19.5",
  "9:20",
  "9:21",
  "1:4",
  "1:8",
];

/** The name of a ratio in pixels: `1584:672` is `21:9`. */
export function nameOfRatio(pixels: string): string {
  const shape = Math.log(ratioOf(pixels) ?? 1);
  const distance = (name: string) => Math.abs(Math.log(ratioOf(name) ?? 1) - shape);
  return names.reduce((nearest, name) => (distance(name) < distance(nearest) ? name : nearest));
}

/** Ratios in pixels by the name of what they come near, the first of each name. */
export function byName(list: readonly string[]): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const pixels of list) found[nameOfRatio(pixels)] ??= pixels;
  return found;
}

/** `1280:720 720:1280` as a list. */
export const pixelList = (text: string): readonly string[] => text.split(" ");
