import type { z } from "zod";
import type { Caller, CallOptions } from "./core/caller.ts";
import type { Gateway } from "./gateway.ts";

/** MCP tool annotations: what a host may assume before it asks its user. */
export interface ToolAnnotations {
  readonly readOnlyHint: boolean;
  readonly destructiveHint: boolean;
  readonly idempotentHint: boolean;
  readonly openWorldHint: boolean;
}

export interface ToolCallContext extends CallOptions {
  readonly gateway: Gateway;
  readonly caller: Caller;
}

/** One MCP tool: its dotted name, what it says of itself, its shapes, and a handler over the gateway. */
export interface Tool<Input extends z.ZodType = z.ZodType, Output extends z.ZodType = z.ZodType> {
  /** Canonical, dotted: `memory.remember`. Published with `_` unless the host can take dots. */
  readonly name: string;
  readonly description: string;
  readonly input: Input;
  readonly output: Output;
  readonly annotations: ToolAnnotations;
  // A method, so that a tool of any shape is a `Tool`.
  // The exact type of a result stands with its room; `output` is as much of it as hosts are told, and their clients
  // hold every result against it.
  handle(args: z.infer<Input>, context: ToolCallContext): Promise<object>;
  /** How to get what was cut from a long result, as a sentence without its final full stop. */
  rest?(output: object): string;
}

/** Keeps a definition's types while it is written. */
export function defineTool<Input extends z.ZodType, Output extends z.ZodType>(
  tool: Tool<Input, Output>,
): Tool<Input, Output> {
  return tool;
}
