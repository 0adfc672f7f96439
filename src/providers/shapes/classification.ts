import { z } from "zod";
import { providerLimits } from "../../core/limits.ts";
import type { TaskRequest } from "./task-request.ts";

export const classificationParams = z.strictObject({
  input: z
    .union([z.string(), z.array(z.string()).min(1).max(providerLimits.judgedTextsMax)])
    .describe("Text or texts to label"),
  labels: z
    .record(z.string().min(1), z.string().nullable())
    .describe("The labels there are, each with what it means, or null where its name says it"),
});

export type ClassificationParams = z.infer<typeof classificationParams>;
/** `prompt` is the question that the labels answer. `input` is always a list here. */
export type ClassificationRequest = TaskRequest<
  Omit<ClassificationParams, "input"> & { readonly input: readonly string[] }
>;

export interface ClassificationResult {
  /** For each input its labels with their probabilities, likeliest first. */
  readonly labels: readonly (readonly { readonly label: string; readonly score: number }[])[];
}
