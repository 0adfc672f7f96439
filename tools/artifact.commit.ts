import { z } from "zod";
import { defineTool } from "../src/tool.ts";

const bytes = z.strictObject({ base64: z.string().optional(), blob: z.string().optional() });
const content = z.union([z.string(), bytes, z.null()]);

export const artifactCommit = defineTool({
  name: "artifact.commit",
  description:
    "Write files to a git repository in one commit; repository and branch are made if new. Also reverts, tags, deletes.",
  input: z.strictObject({
    repo: z.string(),
    branch: z.string().optional().describe("Default main"),
    files: z.record(z.string(), content).optional().describe("Path: text, {base64}, {blob}, or null to delete"),
    message: z.string().optional(),
    author: z.string().optional().describe("Name <email>"),
    expected_head: z.string().nullable().optional().describe("Commit the branch must be at, else conflict; null: new"),
    from: z.string().optional().describe("Where a new branch begins"),
    metadata: z.record(z.string(), z.unknown()).optional().describe("Kept as a git note"),
    revert: z.string().optional().describe("Commit to undo, instead of files"),
    tag: z.string().optional(),
    delete: z.enum(["branch", "tag", "repo"]).optional(),
  }),
  output: z.object({ commit: z.string().optional(), tree: z.string().optional() }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: false },
  handle: (args, { gateway, caller, signal, onProgress }) =>
    gateway.artifacts.commit(args, caller, { signal, onProgress }),
});
