import type { IncomingMessage } from "node:http";
import { z } from "zod";
import { parseArguments } from "../../../arguments/parse-arguments.ts";
import { type InferArgs, inferArgs } from "../../../infer/request.ts";
import { callOptions, callOptionsOf, modelId } from "../../api/call-options.ts";
import { unsupportedField } from "../../api/unsupported-field.ts";
import { inputItem, toMessages } from "./input-items.ts";

const functionTool = z.looseObject({
  type: z.string(),
  name: z.string().optional(),
  description: z.string().nullish(),
  parameters: z.record(z.string(), z.unknown()).nullish(),
});

/** `POST /v1/responses`: what has a meaning for every provider. https://platform.openai.com/docs/api-reference/responses */
const responseRequest = z.looseObject({
  model: z.string().min(1),
  input: z.union([z.string().min(1), z.array(inputItem).min(1)]),
  instructions: z.string().nullish(),
  max_output_tokens: z.number().int().nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  reasoning: z.looseObject({ effort: z.string().nullish(), summary: z.string().nullish() }).nullish(),
  text: z
    .looseObject({
      format: z.looseObject({ type: z.string(), schema: z.record(z.string(), z.unknown()).optional() }).nullish(),
    })
    .nullish(),
  tools: z.array(functionTool).nullish(),
  tool_choice: z
    .union([z.enum(["auto", "none", "required"]), z.looseObject({ type: z.string(), name: z.string() })])
    .nullish(),
  metadata: z.record(z.string(), z.string()).nullish(),
  stream: z.boolean().nullish(),
  ...callOptions,
});

export type ResponseRequest = z.infer<typeof responseRequest>;

export interface ParsedResponseRequest {
  readonly args: InferArgs;
  readonly isStream: boolean;
  /** As it was sent, for the members that an answer repeats. */
  readonly asked: ResponseRequest;
}

/** @throws invalid_request naming the field; unsupported for one that cannot be honoured. */
export function parseResponseRequest(body: unknown, request: IncomingMessage): ParsedResponseRequest {
  const asked = parseArguments({ name: "responses", input: responseRequest }, body);
  refuseState(asked);
  const args = {
    model: modelId(asked.model, "openai"),
    messages: typeof asked.input === "string" ? [{ role: "user", content: asked.input }] : toMessages(asked.input),
    ...(asked.instructions ? { system: asked.instructions } : {}),
    params: params(asked),
    ...tools(asked),
    ...responseSchema(asked),
    ...(asked.metadata ? { metadata: asked.metadata } : {}),
    ...callOptionsOf(asked, request),
  };
  return {
    args: parseArguments({ name: "responses", input: inferArgs }, args),
    isStream: asked.stream === true,
    asked,
  };
}

/** Conversations are the caller's: nothing of one is kept here between calls but the generation itself. */
function refuseState(asked: ResponseRequest): void {
  for (const field of ["previous_response_id", "conversation", "prompt"] as const) {
    if (asked[field] === undefined || asked[field] === null) continue;
    throw unsupportedField(field, "no conversations are kept here", "Send the whole conversation as input");
  }
  if (asked.background === true) {
    throw unsupportedField("background", "calls are resumed by their id", "Use POST /v1/run with an idempotency_key");
  }
}

function params(asked: ResponseRequest): Record<string, unknown> {
  const effort = asked.reasoning?.effort;
  const given = {
    max_output_tokens: asked.max_output_tokens,
    temperature: asked.temperature,
    top_p: asked.top_p,
    reasoning_effort: effort === "xhigh" ? "max" : effort,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== null));
}

function tools({ tools: given, tool_choice: choice }: ResponseRequest): object {
  if (!given || given.length === 0) return {};
  const declared = given.map(({ type, name, description, parameters }, index) => {
    if (type !== "function" || name === undefined) {
      throw unsupportedField(`tools[${index}]`, `${type} would run at OpenAI`, "Declare a function tool");
    }
    return {
      name,
      ...(description ? { description } : {}),
      parameters: parameters ?? { type: "object", properties: {} },
    };
  });
  if (!choice) return { tools: declared };
  return { tools: declared, tool_choice: typeof choice === "string" ? choice : { name: choice.name } };
}

function responseSchema({ text }: ResponseRequest): object {
  const format = text?.format;
  if (!format || format.type === "text") return {};
  return { response_schema: format.schema ?? { type: "object" } };
}
