import type { JsonObject } from "../narrow.ts";
import type { ParamRules } from "../param-rules.ts";
import type { ImageParams } from "../shapes/image.ts";

/** What the models of one maker take, and how they take it. */
export interface ImageFamily {
  readonly body: "json" | "form";
  /** Sides in pixels, `null` where the size is fixed. */
  readonly sides: { readonly min: number; readonly max: number; readonly step: number } | null;
  readonly inputsMax: number;
  readonly negativePrompt: boolean;
  readonly promptCharactersMax: number;
  /** Fields sent with every request, said so that the price of a request is known. */
  readonly fixed: JsonObject;
}

const sides = { min: 256, max: 2_048, step: 8 };
const plain: ImageFamily = {
  body: "json",
  sides,
  inputsMax: 0,
  negativePrompt: false,
  promptCharactersMax: 2_048,
  fixed: {},
};

export function imageFamily(nativeId: string): ImageFamily {
  if (nativeId.includes("flux-1-schnell")) return { ...plain, sides: null, fixed: { steps: 4 } };
  if (nativeId.includes("flux-2")) return { ...plain, body: "form", inputsMax: 4 };
  if (nativeId.includes("lucid-origin")) return plain;
  if (nativeId.includes("phoenix")) return { ...plain, negativePrompt: true };
  return { ...plain, inputsMax: 1, negativePrompt: true };
}

export type Drawn = Pick<ImageParams, "size" | "aspect_ratio">;

/** What a family takes of the size and shape. */
export function shapeRules(family: ImageFamily, { size, aspect_ratio: ratio }: Drawn): ParamRules<Drawn> {
  const { sides: bounds } = family;
  if (!bounds) return { size: { oneOf: ["1024x1024", "1K"] }, aspect_ratio: { oneOf: ["1:1", "auto"] } };
  const isPixels = size?.includes("x") === true;
  const fits = (side: number) => side >= bounds.min && side <= bounds.max && side % bounds.step === 0;
  const drawn = sidesOf({ size, aspect_ratio: ratio });
  return {
    size:
      size === undefined || size === "1K" || (isPixels && size.split("x").map(Number).every(fits))
        ? true
        : {
            refused: `it cannot draw ${size}`,
            allowed: `"1K", or sides from ${bounds.min} to ${bounds.max} that are multiples of ${bounds.step}`,
          },
    aspect_ratio:
      isPixels || !drawn || Object.values(drawn).every(fits)
        ? isPixels
          ? { refused: "size says it already", allowed: "one of the two" }
          : true
        : { refused: `${ratio} is too narrow`, allowed: "from 1:4 to 4:1" },
  };
}

/** Width and height to ask for, undefined where the model is to choose. About a million pixels in any shape. */
export function sidesOf({ size, aspect_ratio: ratio }: Drawn): { width: number; height: number } | undefined {
  if (size?.includes("x")) {
    const [width = 0, height = 0] = size.split("x").map(Number);
    return { width, height };
  }
  if (ratio === undefined || ratio === "auto") return size === undefined ? undefined : { width: 1_024, height: 1_024 };
  const [across = 1, down = 1] = ratio.split(":").map(Number);
  const scale = Math.sqrt(across / down);
  const side = (length: number) => Math.round(length / 32) * 32;
  return { width: side(1_024 * scale), height: side(1_024 / scale) };
}
