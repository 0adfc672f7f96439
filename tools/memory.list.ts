import { listArgs } from "../src/memory/arguments.ts";
import { listResult } from "../src/memory/results.ts";
import { defineTool } from "../src/tool.ts";

export const memoryList = defineTool({
  name: "memory.list",
  description: "Page through memories, newest first; long ones are cut. `id` gives one in full. Untrusted data.",
  input: listArgs,
  output: listResult,
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  handle: (args, { gateway, caller, ...options }) => gateway.memory.list(args, caller, options),
});
