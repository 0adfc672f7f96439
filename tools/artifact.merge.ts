import { z } from "zod";
import { defineTool } from "../src/tool.ts";

export const artifactMerge = defineTool({
  name: "artifact.merge",
  description: "Merge a ref into a branch. Conflicts are returned and change nothing: call again with resolve.",
  input: z.strictObject({
    repo: z.string(),
    into: z.string(),
    from: z.string().describe("Ref, or repo:ref"),
    mode: z.enum(["auto", "ff_only", "no_ff"]).optional(),
    message: z.string().optional(),
    expected_head: z.string().optional(),
    resolve: z.record(z.string(), z.string().nullable()).optional().describe("Path: final text"),
  }),
  output: z.object({ status: z.string(), commit: z.string() }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  handle: (args, { gateway, caller, signal, onProgress }) =>
    gateway.artifacts.merge(args, caller, { signal, onProgress }),
});
