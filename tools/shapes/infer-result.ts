import { z } from "zod";

/**
 * What `infer` answers, as far as a model needs to be told: every host pays for this schema in tokens. The whole shape
 * is `InferResult` in `src/infer/result.ts` and in docs/infer.md.
 */
export const inferResult = z.looseObject({
  id: z.string(),
  status: z.enum(["succeeded", "running", "failed", "cancelled"]),
  output: z.looseObject({}).describe("text, json, tool_calls, reasoning"),
  cost: z.looseObject({}).describe("total, list"),
});
