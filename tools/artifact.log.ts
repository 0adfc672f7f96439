import { z } from "zod";
import { artifactLimits } from "../src/core/limits.ts";
import { defineTool } from "../src/tool.ts";

export const artifactLog = defineTool({
  name: "artifact.log",
  description: "Commits of a repository, newest first, with their metadata and notes; by path if given.",
  input: z.strictObject({
    repo: z.string(),
    ref: z.string().optional(),
    path: z.string().optional().describe("Only commits that change it"),
    limit: z.int().min(1).max(artifactLimits.logEntriesMax).optional(),
    cursor: z.string().optional(),
  }),
  output: z.object({
    repo: z.string(),
    commits: z
      .array(
        z.object({
          commit: z.string(),
          tree: z.string(),
          parents: z.array(z.string()).readonly(),
          author: z.string(),
          at: z.string(),
          message: z.string(),
          metadata: z.record(z.string(), z.unknown()).optional(),
          note: z.string().optional(),
        }),
      )
      .readonly(),
    next_cursor: z.string().optional(),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  handle: (args, { gateway, caller, signal, onProgress }) =>
    gateway.artifacts.log(args, caller, { signal, onProgress }),
});
