import { z } from "zod";
import { providerLimits } from "../../core/limits.ts";
import type { TaskRequest } from "./task-request.ts";

export const classificationParams = z.strictObject({
  input: z
    .union([z.string(), z.array(z.string()).min(1).max(providerLimits.judgedTextsMax)])
    .describe("Text or texts to label"),
});

export type ClassificationParams = z.infer<typeof classificationParams>;
/** `input` is always a list here. */
export type ClassificationRequest = TaskRequest<{ readonly input: readonly string[] }>;

export interface ClassificationResult {
  /** For each input its labels, likeliest first. */
  readonly labels: readonly (readonly { readonly label: string; readonly score: number }[])[];
}
