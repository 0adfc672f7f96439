import { z } from "zod";
import type { MediaOutput } from "./media.ts";
import { speechFormats } from "./speech.ts";
import type { TaskRequest } from "./task-request.ts";

export const musicParams = z.strictObject({
  lyrics: z
    .string()
    .optional()
    .describe("Words to be sung, with [Verse] and [Chorus] marks where the model knows them"),
  instrumental: z.boolean().optional().describe("Whether there is to be no voice"),
  duration_s: z.number().positive().max(600).optional().describe("Length in seconds"),
  format: z.enum(speechFormats).optional(),
  sample_rate: z.number().int().min(8_000).max(96_000).optional().describe("Hertz"),
  seed: z.number().int().nonnegative().optional(),
});

export type MusicParams = z.infer<typeof musicParams>;
export type MusicRequest = TaskRequest<MusicParams>;

export interface MusicResult {
  readonly audio: MediaOutput;
}
