import type { ParamRules } from "../param-rules.ts";
import type { ImageParams } from "../shapes/image.ts";

type Sized = Pick<ImageParams, "size" | "aspect_ratio">;

/** The newest generation, which ids that are not known are read as. */
const newest = 2.6;

/** A model's generation: its sizes and qualities follow it. */
export function imageGeneration(nativeId: string): number {
  if (nativeId.startsWith("chatgpt-image")) return 1.5;
  return Number(/^gpt-image-(\d+(?:\.\d+)?)/.exec(nativeId)?.[1] ?? newest);
}

const classic: Readonly<Record<string, string>> = { "1:1": "1024x1024", "3:2": "1536x1024", "2:3": "1024x1536" };
const areaOf: Readonly<Record<string, number>> = { "1K": 1_024 ** 2, "2K": 2_048 ** 2, "4K": 3_840 * 2_160 };
const step = 16;
const longSideMax = 3_840;
const shortSideMax = 2_160;
const ratioMax = 3;

/** What a generation takes of `size` and `aspect_ratio`. */
export function sizeRules(generation: number, params: Sized): ParamRules<Sized> {
  const { size, aspect_ratio: ratio } = params;
  if (size?.includes("x") && ratio !== undefined) {
    return { size: true, aspect_ratio: { refused: "size says it already", allowed: "one of the two" } };
  }
  if (generation < 2) {
    return {
      size: { oneOf: ["1K", ...Object.values(classic)] },
      aspect_ratio: { oneOf: ["auto", ...Object.keys(classic)] },
    };
  }
  const allowedSize = `sides that are multiples of ${step}, at most ${longSideMax} by ${shortSideMax} and 3:1`;
  const shape = ratio === undefined || ratio === "auto" ? 1 : quotient(ratio);
  return {
    size: fits(size) ? true : { refused: `it cannot draw ${size}`, allowed: `"1K", "2K", "4K", or ${allowedSize}` },
    aspect_ratio:
      shape <= ratioMax && shape >= 1 / ratioMax
        ? true
        : { refused: `${ratio} is too narrow`, allowed: "from 1:3 to 3:1" },
  };
}

function fits(size: string | undefined): boolean {
  if (size === undefined || Object.hasOwn(areaOf, size)) return true;
  const [width = 0, height = 0] = size.split("x").map(Number);
  const [long, short] = [Math.max(width, height), Math.min(width, height)];
  return (
    width % step === 0 &&
    height % step === 0 &&
    short > 0 &&
    long <= longSideMax &&
    short <= shortSideMax &&
    long / short <= ratioMax
  );
}

function quotient(ratio: string): number {
  const [across = 1, down = 1] = ratio.split(":").map(Number);
  return across / down;
}

/** `size` as it is sent, undefined where the model is to choose. */
export function wireSize(generation: number, { size, aspect_ratio: ratio }: Sized): string | undefined {
  if (size?.includes("x")) return size;
  if (ratio === "auto" && size === undefined) return "auto";
  if (ratio === undefined && size === undefined) return undefined;
  if (generation < 2) return classic[ratio ?? "1:1"] ?? "auto";
  const shape = ratio === undefined || ratio === "auto" ? 1 : quotient(ratio);
  const wide = Math.max(shape, 1 / shape);
  const short = Math.min(Math.sqrt((areaOf[size ?? "1K"] ?? 0) / wide), shortSideMax, longSideMax / wide);
  const low = down(short);
  // From the side as it is sent, so that rounding cannot make a shape that is too narrow.
  const long = down(low * wide);
  return shape >= 1 ? `${long}x${low}` : `${low}x${long}`;
}

function down(side: number): number {
  return Math.floor(side / step) * step;
}
