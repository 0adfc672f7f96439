import { z } from "zod";

/**
 * What `infer` answers. Kept loose where the contract is open-ended, because every host pays for this schema in
 * tokens; the exact types are `InferResult` in `src/infer/result.ts`.
 */
export const inferResult = z.object({
  id: z.string(),
  status: z.enum(["succeeded", "running", "failed", "cancelled"]),
  model: z.string(),
  provider: z.string(),
  output: z.looseObject({
    text: z.string().optional(),
    json: z.unknown().optional(),
    reasoning: z.string().optional(),
  }),
  message: z.looseObject({}).optional(),
  finish_reason: z.string().optional(),
  usage: z.looseObject({}).optional(),
  cost: z.object({ total: z.string(), list: z.string() }),
  attempts: z.array(z.looseObject({})).readonly(),
  cached: z.boolean(),
  warnings: z.array(z.string()).readonly(),
  error: z
    .object({
      code: z.string(),
      message: z.string(),
      next: z.string(),
      retryable: z.boolean(),
      details: z.looseObject({}),
    })
    .optional(),
});
