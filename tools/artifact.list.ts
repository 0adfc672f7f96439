import { z } from "zod";
import { defineTool } from "../src/tool.ts";

export const artifactList = defineTool({
  name: "artifact.list",
  description: "Repositories, or a repository's branches or tags.",
  input: z.strictObject({
    kind: z.enum(["repos", "branches", "tags"]).optional(),
    repo: z.string().optional(),
    limit: z.int().optional(),
    cursor: z.string().optional(),
  }),
  output: z.object({ next_cursor: z.string().optional() }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  handle: (args, { gateway, caller, signal, onProgress }) =>
    gateway.artifacts.list(args, caller, { signal, onProgress }),
});
