import { z } from "zod";
import { providerLimits } from "../../core/limits.ts";
import type { TaskRequest } from "./task-request.ts";

export const rerankParams = z.strictObject({
  documents: z.array(z.string()).min(1).max(providerLimits.documentsMax).describe("Texts to put in order"),
  top_n: z.number().int().positive().optional().describe("How many of the best to answer with; absent: all"),
});

export type RerankParams = z.infer<typeof rerankParams>;
/** `prompt` is what the documents are compared with. */
export type RerankRequest = TaskRequest<RerankParams>;

export interface RerankResult {
  /** Best first. `index` is the document's place in the request; scores are the model's own scale. */
  readonly ranking: readonly { readonly index: number; readonly score: number }[];
}
