import { z } from "zod";
import { defineTool } from "../src/tool.ts";

export const artifactCheckout = defineTool({
  name: "artifact.checkout",
  description:
    "Read a repository at any ref: a file path or a glob returns content, a directory or nothing lists files.",
  input: z.strictObject({
    repo: z.string(),
    ref: z.string().optional().describe("Branch, tag, commit or main~2"),
    path: z.string().optional(),
    glob: z.string().optional().describe('Under path: "**/*.ts"'),
    lines: z.string().optional().describe('"10-40"'),
    to_directory: z.string().optional().describe("Write the files there instead"),
    limit: z.int().optional(),
    cursor: z.string().optional(),
  }),
  output: z.object({ commit: z.string(), tree: z.string() }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  handle: (args, { gateway, caller, signal, onProgress }) =>
    gateway.artifacts.checkout(args, caller, { signal, onProgress }),
});
