import { z } from "zod";
import { providerLimits } from "../../core/limits.ts";
import { type MediaInput, mediaInput } from "./media.ts";
import type { TaskRequest } from "./task-request.ts";

export const transcriptionParams = z.strictObject({
  audio: mediaInput.describe("The recording"),
  language: z.string().optional().describe('What is spoken, BCP 47, such as "en"; absent: found out'),
  diarize: z.boolean().optional().describe("Whether to tell speakers apart"),
  timestamps: z.enum(["none", "segment", "word"]).optional().describe("The finest times wanted"),
  hints: z.array(z.string()).max(providerLimits.hintsMax).optional().describe("Words and names that may occur"),
});

export type TranscriptionParams = z.infer<typeof transcriptionParams>;
export type TranscriptionRequest = TaskRequest<Omit<TranscriptionParams, "audio"> & { readonly audio: MediaInput }>;

/** Times in seconds from the recording's start. */
export interface TranscriptSpan {
  readonly start_s: number;
  readonly end_s: number;
  readonly text: string;
  readonly speaker?: string | undefined;
}

export interface TranscriptionResult {
  readonly text: string;
  /** BCP 47 where the provider says it so, else as it says it. */
  readonly language?: string | undefined;
  readonly segments?: readonly TranscriptSpan[] | undefined;
  readonly words?: readonly TranscriptSpan[] | undefined;
  readonly duration_s?: number | undefined;
}
