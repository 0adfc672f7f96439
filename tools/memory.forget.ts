import { forgetArgs } from "../src/memory/arguments.ts";
import { forgetResult } from "../src/memory/results.ts";
import { defineTool } from "../src/tool.ts";

export const memoryForget = defineTool({
  name: "memory.forget",
  description:
    "Forget by ids, key, session, filter or all: true. `retract` (default) keeps history, `erase` leaves no byte, `dry_run` shows what would go.",
  input: forgetArgs,
  output: forgetResult,
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  handle: (args, { gateway, caller, ...options }) => gateway.memory.forget(args, caller, options),
});
