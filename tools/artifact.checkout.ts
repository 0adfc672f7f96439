import { z } from "zod";
import { artifactLimits } from "../src/core/limits.ts";
import { defineTool } from "../src/tool.ts";

export const artifactCheckout = defineTool({
  name: "artifact.checkout",
  description:
    "Read a repository at any ref. A file path or a glob returns content; a directory path, or none, lists the files under it.",
  input: z.strictObject({
    repo: z.string(),
    ref: z.string().optional().describe("Branch, tag, commit id, or main~2. Default: the main branch"),
    path: z.string().optional().describe("File or directory"),
    glob: z.string().optional().describe('Under path, e.g. "src/**/*.ts"'),
    lines: z.string().optional().describe('Only these lines, e.g. "10-40"'),
    limit: z.int().min(1).max(artifactLimits.checkoutEntriesMax).optional(),
    cursor: z.string().optional(),
  }),
  output: z.object({
    repo: z.string(),
    commit: z.string(),
    tree: z.string(),
    entries: z
      .array(
        z.object({
          path: z.string(),
          type: z.string(),
          mode: z.string(),
          bytes: z.number().optional(),
          oid: z.string(),
        }),
      )
      .readonly(),
    files: z.record(
      z.string(),
      z.object({
        text: z.string().optional(),
        base64: z.string().optional(),
        lines: z.string().optional(),
        total_lines: z.number().optional(),
        truncated: z.boolean().optional(),
      }),
    ),
    next_cursor: z.string().optional(),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  handle: (args, { gateway, caller, signal, onProgress }) =>
    gateway.artifacts.checkout(args, caller, { signal, onProgress }),
});
