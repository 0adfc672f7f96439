import { z } from "zod";
import { providerLimits } from "../../core/limits.ts";
import { aspectRatio, type MediaInput, type MediaOutput, mediaInput } from "./media.ts";
import type { TaskRequest } from "./task-request.ts";

export const imageParams = z.strictObject({
  n: z.number().int().min(1).max(providerLimits.imagesPerRequestMax).optional().describe("How many images"),
  size: z
    .string()
    .regex(/^(?:\d{2,5}x\d{2,5}|512|1K|2K|4K)$/)
    .optional()
    .describe('Pixels as "WIDTHxHEIGHT", or "1K", "2K", "4K"'),
  aspect_ratio: aspectRatio.optional(),
  quality: z.enum(["low", "medium", "high", "max"]).optional(),
  format: z.enum(["png", "jpeg", "webp", "svg", "gif"]).optional().describe("File format of the result"),
  background: z.enum(["transparent", "opaque"]).optional(),
  images: z
    .array(mediaInput)
    .min(1)
    .max(providerLimits.imageInputsMax)
    .optional()
    .describe("Images to edit, or to be guided by"),
  mask: mediaInput.optional().describe("Where the first of images is to be changed"),
  negative_prompt: z.string().optional().describe("What is not to be seen"),
  seed: z.number().int().nonnegative().optional(),
});

export type ImageParams = z.infer<typeof imageParams>;
export type ImageRequest = TaskRequest<
  Omit<ImageParams, "images" | "mask"> & {
    readonly images?: readonly MediaInput[] | undefined;
    readonly mask?: MediaInput | undefined;
  }
>;

export interface ImageResult {
  readonly images: readonly MediaOutput[];
  /** How many of the images asked for the provider's filter kept back. */
  readonly filtered?: number | undefined;
}
