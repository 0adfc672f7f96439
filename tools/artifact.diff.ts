import { z } from "zod";
import { defineTool } from "../src/tool.ts";

export const artifactDiff = defineTool({
  name: "artifact.diff",
  description: "What changed between two refs.",
  input: z.strictObject({
    repo: z.string(),
    from: z.string(),
    to: z.string().optional().describe("Default the main branch"),
    path: z.string().optional(),
    format: z.enum(["unified", "stat", "data"]).optional(),
    limit: z.int().optional(),
    cursor: z.string().optional(),
  }),
  output: z.object({ files: z.array(z.looseObject({})) }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  handle: (args, { gateway, caller, signal, onProgress }) =>
    gateway.artifacts.diff(args, caller, { signal, onProgress }),
});
