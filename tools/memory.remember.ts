import { rememberArgs } from "../src/memory/arguments.ts";
import { rememberResult } from "../src/memory/results.ts";
import { defineTool } from "../src/tool.ts";

export const memoryRemember = defineTool({
  name: "memory.remember",
  description:
    "Keep something for later sessions: one `content`, many `memories`, or a conversation as `messages`. " +
    "A `key` (user.city) has one current memory: a new one supersedes it. The same again is a duplicate. " +
    "Times are ISO 8601.",
  input: rememberArgs,
  output: rememberResult,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  handle: (args, { gateway, caller, ...options }) => gateway.memory.remember(args, caller, options),
});
