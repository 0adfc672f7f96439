import { z } from "zod";
import type { Message } from "./message.ts";

export const reasoningEfforts = ["none", "minimal", "low", "medium", "high", "max"] as const;

export const textParams = z.strictObject({
  max_output_tokens: z.number().int().positive().optional(),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().min(0).max(1).optional(),
  stop: z.union([z.string(), z.array(z.string()).max(4)]).optional(),
  seed: z.number().int().optional(),
  reasoning_effort: z.enum(reasoningEfforts).optional(),
});

export const toolDeclaration = z.strictObject({
  name: z.string().min(1).max(128),
  description: z.string().optional(),
  /** JSON Schema of an object. */
  parameters: z.record(z.string(), z.unknown()),
});

export const toolChoice = z.union([z.enum(["auto", "none", "required"]), z.strictObject({ name: z.string() })]);

export type TextParams = z.infer<typeof textParams>;
export type ToolDeclaration = z.infer<typeof toolDeclaration>;
export type ToolChoice = z.infer<typeof toolChoice>;

/** A text request after the pipeline has resolved it: one of these goes to an adapter, whatever the caller wrote. */
export interface TextRequest {
  /** System text is in `system`; no message here has the role `system`. */
  readonly system?: string | undefined;
  readonly messages: readonly Message[];
  readonly params: TextParams;
  readonly tools?: readonly ToolDeclaration[] | undefined;
  readonly tool_choice?: ToolChoice | undefined;
  /** JSON Schema that the answer must satisfy. */
  readonly response_schema?: Readonly<Record<string, unknown>> | undefined;
  /** Native fields for this provider, merged into its body last. */
  readonly provider_options?: Readonly<Record<string, unknown>> | undefined;
}
