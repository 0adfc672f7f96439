import { z } from "zod";
import { defineTool } from "../src/tool.ts";

export const artifactFork = defineTool({
  name: "artifact.fork",
  description:
    "Make a new repository from one here, at once, or import a git URL or bundle blob; optionally with a git token for a sub-agent.",
  input: z.strictObject({
    repo: z.string().describe("Name, https URL or blob"),
    ref: z.string().optional().describe("Only this branch or commit"),
    as: z.string(),
    read_only: z.boolean().optional(),
    token: z
      .strictObject({
        scope: z.enum(["read", "write"]),
        branch: z.string().optional(),
        path: z.string().optional(),
        ttl_s: z.int().optional(),
      })
      .optional(),
  }),
  output: z.object({ commit: z.string(), tree: z.string() }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  handle: (args, { gateway, caller, signal, onProgress }) =>
    gateway.artifacts.fork(args, caller, { signal, onProgress }),
});
