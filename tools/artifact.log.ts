import { z } from "zod";
import { defineTool } from "../src/tool.ts";

export const artifactLog = defineTool({
  name: "artifact.log",
  description: "Commits, newest first, with metadata and notes.",
  input: z.strictObject({
    repo: z.string(),
    ref: z.string().optional(),
    path: z.string().optional().describe("Only commits that change it"),
    limit: z.int().optional(),
    cursor: z.string().optional(),
  }),
  output: z.object({ commits: z.array(z.looseObject({})) }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  handle: (args, { gateway, caller, signal, onProgress }) =>
    gateway.artifacts.log(args, caller, { signal, onProgress }),
});
