import { z } from "zod";
import { defineTool } from "../src/tool.ts";

const content = z.union([
  z.string(),
  z.strictObject({ base64: z.string() }),
  z.strictObject({ blob: z.string() }),
  z.null(),
]);

export const artifactCommit = defineTool({
  name: "artifact.commit",
  description:
    "Write files to a git repository as one commit. Makes the repository and the branch if they are new. Files not named stay as they are.",
  input: z.strictObject({
    repo: z.string().describe("Lower-case name"),
    branch: z.string().optional().describe("Default main"),
    files: z.record(z.string(), content).describe("Path to new content: text, {base64}, {blob}, or null to delete"),
    message: z.string(),
    author: z.string().optional().describe("Name <email>"),
    expected_head: z
      .string()
      .nullable()
      .optional()
      .describe("Commit id the branch must be at (null: must not exist); else a conflict error with the actual head"),
    from: z.string().optional().describe("Ref where a new branch begins"),
    metadata: z.record(z.string(), z.json()).optional().describe("Kept as a git note, e.g. model, generation, cost"),
  }),
  output: z.object({
    repo: z.string(),
    branch: z.string(),
    commit: z.string(),
    tree: z.string(),
    parents: z.array(z.string()).readonly(),
    changed: z.number(),
    remote: z.string().optional(),
  }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  handle: (args, { gateway, caller, signal, onProgress }) =>
    gateway.artifacts.commit(args, caller, { signal, onProgress }),
});
