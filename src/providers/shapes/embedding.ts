import { z } from "zod";
import { providerLimits } from "../../core/limits.ts";
import type { TaskRequest } from "./task-request.ts";

export const embeddingPurposes = [
  "query",
  "document",
  "similarity",
  "classification",
  "clustering",
  "code_query",
  "question_answering",
  "fact_verification",
] as const;

export const embeddingParams = z.strictObject({
  input: z
    .union([z.string(), z.array(z.string()).min(1).max(providerLimits.embeddingInputsMax)])
    .describe("Text or texts; the answer has one vector for each"),
  dimensions: z
    .number()
    .int()
    .positive()
    .optional()
    .describe("Length of the vectors, where the model can shorten them"),
  purpose: z.enum(embeddingPurposes).optional().describe("What the vectors are for, where the model distinguishes"),
});

export type EmbeddingParams = z.infer<typeof embeddingParams>;
/** `input` is always a list here. */
export type EmbeddingRequest = TaskRequest<Omit<EmbeddingParams, "input"> & { readonly input: readonly string[] }>;

export interface EmbeddingResult {
  /** In the order of the inputs. */
  readonly embeddings: readonly (readonly number[])[];
}
