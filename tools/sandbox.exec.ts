import { z } from "zod";
import type { Json } from "../src/core/json.ts";
import { sandboxLimits } from "../src/core/limits.ts";
import { defineTool } from "../src/tool.ts";

/** Any JSON: its recursive schema would cost every listing hundreds of tokens and say no more. */
const json = (z.unknown() as z.ZodType<Json>).meta({
  anyOf: ["object", "array", "string", "number", "boolean", "null"].map((type) => ({ type })),
});
const access = z.enum(["none", "read", "write"]);

export const sandboxExec = defineTool({
  name: "sandbox.exec",
  description: `Run JavaScript or TypeScript in an isolate, instead of many tool calls. The last expression's value (or return, async arrow, export default) is the result, as JSON. Top-level await; Promise.all runs calls at once. No files or require; fetch only to hosts in the settings.
AI.run(model, prompt | {…as infer}, {stream?}): Promise<{output: {text?, json?, …}, usage, cost}>
memory.recall(args), artifact.commit(args), …: as the tools
mcp.search(query), mcp.describe(name), mcp.<server>.<tool>(args): connected MCP servers
fast.hash|parseCsv|diffLines|gzip; import {f} from "./lib.ts" of files or from`,
  input: z.object({
    code: z.string().optional(),
    language: z.enum(["javascript", "typescript"]).optional(),
    input: json.optional(),
    files: z.record(z.string(), z.string()).optional(),
    from: z.object({ repo: z.string(), ref: z.string().optional() }).optional(),
    timeout_ms: z.int().min(1).max(sandboxLimits.timeoutMsMax).optional().describe("Default 10000"),
    memory_mb: z.int().min(sandboxLimits.memoryMbMin).max(sandboxLimits.memoryMbMax).optional().describe("Default 64"),
    limits: z.record(z.string(), z.number()).optional().describe("cpu_ms, calls, log_bytes, …"),
    allow: z
      .object({
        models: z.array(z.string()).optional(),
        max_cost: z.string().optional().describe("USD"),
        memory: access.optional(),
        artifacts: access.optional(),
        hosts: z.array(z.string()).optional(),
        mcp: z.array(z.string()).optional(),
      })
      .optional()
      .describe("Narrows the code's rights"),
    engine: z.enum(["quickjs", "v8"]).optional().describe("v8: slow start, 20x faster"),
    seed: z.number().optional().describe("Same randomness and time"),
    wait_ms: z.int().min(0).max(sandboxLimits.waitMsMax).optional().describe("Then answers `running`; default 45000"),
    run: z.string().optional().describe("Instead of code: ask for a run"),
    cancel: z.boolean().optional(),
    replay: z.string().optional().describe("Run again from recorded answers"),
  }),
  output: z
    .looseObject({
      run: z.string(),
      status: z.enum(["ok", "error", "timeout", "memory", "cancelled", "evicted", "running"]),
    })
    .describe("result, error {name, message, line, column}, logs, usage"),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: false, openWorldHint: true },
  handle: (args, { gateway, caller, ...options }) => gateway.sandbox.exec(args, caller, options),
});
