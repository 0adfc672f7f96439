import { z } from "zod";
import { providerLimits } from "../../core/limits.ts";
import { aspectRatio, type MediaInput, type MediaOutput, mediaInput } from "./media.ts";
import type { TaskRequest } from "./task-request.ts";

export const videoResolutions = ["360p", "480p", "512p", "540p", "720p", "768p", "1080p", "2k", "4k"] as const;

export const videoParams = z.strictObject({
  duration_s: z.number().positive().max(120).optional().describe("Length in seconds"),
  aspect_ratio: aspectRatio.optional(),
  resolution: z.enum(videoResolutions).optional(),
  fps: z.number().int().min(1).max(120).optional(),
  first_frame: mediaInput.optional().describe("Image the video begins with"),
  last_frame: mediaInput.optional().describe("Image the video ends with"),
  reference_images: z
    .array(mediaInput)
    .min(1)
    .max(providerLimits.referenceImagesMax)
    .optional()
    .describe("Images of who or what is to be seen"),
  video: mediaInput.optional().describe("Video to be edited or extended"),
  with_audio: z.boolean().optional().describe("Whether the video has sound"),
  negative_prompt: z.string().optional().describe("What is not to be seen"),
  seed: z.number().int().nonnegative().optional(),
});

export type VideoParams = z.infer<typeof videoParams>;
export type VideoRequest = TaskRequest<
  Omit<VideoParams, "first_frame" | "last_frame" | "reference_images" | "video"> & {
    readonly first_frame?: MediaInput | undefined;
    readonly last_frame?: MediaInput | undefined;
    readonly reference_images?: readonly MediaInput[] | undefined;
    readonly video?: MediaInput | undefined;
  }
>;

export interface VideoResult {
  readonly videos: readonly MediaOutput[];
}
