import { z } from "zod";
import { inferLimits } from "../src/core/limits.ts";
import { defineTool } from "../src/tool.ts";
import { inferResult } from "./shapes/infer-result.ts";

export const inferResultById = defineTool({
  name: "infer.result",
  description: "State and output of an infer call by id: running, done, or after a lost connection.",
  input: z.strictObject({
    id: z.string(),
    from: z
      .number()
      .int()
      .nonnegative()
      .optional()
      .describe("Text after this event only (events_next of the last answer)"),
    wait_ms: z.number().int().nonnegative().max(inferLimits.waitMsMax).optional().describe("For the end (0)"),
    cancel: z.boolean().optional(),
  }),
  output: inferResult,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  handle: (args, { gateway, caller, signal, onProgress }) => gateway.infer.result(args, caller, { signal, onProgress }),
});
