import { z } from "zod";
import { inferLimits } from "../src/core/limits.ts";
import { defineTool } from "../src/tool.ts";
import { inferResult } from "./shapes/infer-result.ts";

export const inferResultById = defineTool({
  name: "infer.result",
  description:
    "The state and output of a call to infer, by its id: while it runs, when it is done, or after the connection was lost.",
  input: z.strictObject({
    id: z.string().describe("gen_… from infer"),
    from: z
      .number()
      .int()
      .nonnegative()
      .optional()
      .describe("Give only text that came after this event (events_next of the last answer)"),
    wait_ms: z
      .number()
      .int()
      .nonnegative()
      .max(inferLimits.waitMsMax)
      .optional()
      .describe("Wait this long for the end (0)"),
    cancel: z.boolean().optional().describe("Stop it; what was delivered is paid for"),
  }),
  output: inferResult.extend({ events_from: z.number(), events_next: z.number() }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  handle: (args, { gateway, caller, signal, onProgress }) => gateway.infer.result(args, caller, { signal, onProgress }),
});
