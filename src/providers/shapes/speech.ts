import { z } from "zod";
import type { MediaOutput } from "./media.ts";
import type { TaskRequest } from "./task-request.ts";

export const speechFormats = ["mp3", "wav", "opus", "aac", "flac", "pcm", "mulaw", "alaw", "ogg"] as const;

export const speechParams = z.strictObject({
  voice: z.string().optional().describe("The provider's name for a voice; models {id} lists some"),
  format: z.enum(speechFormats).optional(),
  sample_rate: z.number().int().min(8_000).max(96_000).optional().describe("Hertz"),
  speed: z.number().min(0.25).max(4).optional().describe("1 is as the voice speaks"),
  language: z.string().optional().describe('BCP 47, such as "en" or "pt-BR"'),
  instructions: z.string().optional().describe("How it is to be said"),
});

export type SpeechParams = z.infer<typeof speechParams>;
/** `prompt` is the text to say. */
export type SpeechRequest = TaskRequest<SpeechParams>;

export interface SpeechResult {
  readonly audio: MediaOutput;
}
