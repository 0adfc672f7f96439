import { createHash } from "node:crypto";
import { z } from "zod";
import { SwitchyardError } from "../core/errors.ts";
import { canonicalJson } from "../core/json.ts";
import { inferLimits } from "../core/limits.ts";
import type { ModelCard } from "../core/model-card.ts";
import { parseUsd } from "../core/money.ts";
import type { CallBudget } from "../credits/ledger.ts";
import { type Message, message } from "../providers/shapes/message.ts";
import { type TextRequest, textParams, toolChoice, toolDeclaration } from "../providers/shapes/text.ts";

const usd = z
  .string()
  .refine((text) => /^\d{1,9}(\.\d{1,9})?$/.test(text), 'must be US dollars as a decimal string, such as "0.05"');

/** Listed as a plain object, because every host pays for a schema in tokens, and checked in full. */
const listedAsObject = z.looseObject({});

/** What `infer` takes: the tool's arguments, `AI.run()`'s input and the sandbox's, in the same words. */
export const inferArgs = z.strictObject({
  model: z.string().min(1).describe("provider/model-id, route/<name> or auto; see models"),
  prompt: z.string().min(1).max(inferLimits.promptCharactersMax).optional().describe("This or messages"),
  messages: z
    .array(listedAsObject)
    .pipe(z.array(message).min(1).max(inferLimits.messagesMax))
    .optional()
    .describe(
      "{role: system|user|assistant|tool, content: string | parts, tool_calls?, tool_call_id?}; part: {type:text,text} or {type:image|audio|video|file, url|data|blob|artifact, media_type?}. Append a result's message unchanged",
    ),
  system: z.string().optional(),
  params: z
    .record(z.string(), z.unknown())
    .optional()
    .describe("Text: max_output_tokens, temperature, top_p, stop, seed, reasoning_effort; else models {id}"),
  tools: z
    .array(listedAsObject)
    .pipe(z.array(toolDeclaration).max(inferLimits.toolsMax))
    .optional()
    .describe("{name, description?, parameters: JSON Schema}"),
  tool_choice: z
    .unknown()
    .meta({ anyOf: [{ type: "string" }, { type: "object" }] })
    .pipe(toolChoice)
    .optional()
    .describe("auto, none, required or {name}"),
  response_schema: z.record(z.string(), z.unknown()).optional().describe("JSON Schema of output.json"),
  fallbacks: z.array(z.string()).max(inferLimits.fallbacksMax).optional().describe("Models to try next"),
  max_cost: usd.optional().describe("US dollars at most"),
  budget: listedAsObject
    .pipe(z.strictObject({ scope: z.string().min(1).max(128), limit: usd }))
    .optional()
    .describe("{scope, limit} over calls of one scope"),
  timeout_ms: z.number().int().positive().max(inferLimits.timeoutMsMax).optional(),
  wait_ms: z.number().int().nonnegative().max(inferLimits.waitMsMax).optional().describe("Then status running (45000)"),
  idempotency_key: z.string().min(1).max(256).optional().describe("Same key and request: paid once"),
  cache: z
    .unknown()
    .meta({ anyOf: [{ type: "boolean" }, { type: "object" }] })
    .pipe(
      z.union([
        z.boolean(),
        z.strictObject({
          ttl_s: z.number().int().nonnegative().max(inferLimits.cacheTtlSMax).optional(),
          coalesce: z.boolean().optional(),
        }),
      ]),
    )
    .optional()
    .describe("true or {ttl_s, coalesce}: same call, same answer, free"),
  on_unsupported: z.enum(["error", "drop"]).optional().describe("drop: leave out what it lacks"),
  metadata: z.record(z.string(), z.string()).optional(),
  provider_options: z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .optional()
    .describe("Native fields by provider"),
});

export type InferArgs = z.infer<typeof inferArgs>;

/** Identity of a request for idempotency: what is asked, not how long the caller waits for it or where it may come from. */
export function requestHash(args: InferArgs): string {
  const { wait_ms: _wait, idempotency_key: _key, timeout_ms: _timeout, cache: _cache, ...asked } = args;
  return createHash("sha256").update(canonicalJson(asked)).digest("hex");
}

/** The budget that a call names for itself. */
export function callBudget({ budget }: InferArgs): CallBudget | undefined {
  return budget && { scope: budget.scope, limit: parseUsd(budget.limit, "budget.limit") };
}

/**
 * The text request for one model: system texts joined, parameters checked against the task.
 * @throws invalid_request naming the field.
 */
export function textRequestFor(args: InferArgs, card: ModelCard): TextRequest {
  const parsed = textParams.safeParse(args.params ?? {});
  if (!parsed.success) throw wrongParams(parsed.error, card);
  const { system, messages } = conversation(args);
  return {
    ...(system === undefined ? {} : { system }),
    messages,
    params: parsed.data,
    tools: args.tools,
    tool_choice: args.tool_choice,
    response_schema: args.response_schema,
    provider_options: args.provider_options?.[card.provider],
  };
}

function conversation(args: InferArgs): { system: string | undefined; messages: Message[] } {
  if ((args.prompt === undefined) === (args.messages === undefined)) {
    throw new SwitchyardError("invalid_request", "give exactly one of prompt and messages", {
      next: "Use prompt for a single question, messages for a conversation",
    });
  }
  const system: string[] = args.system === undefined ? [] : [args.system];
  const messages: Message[] = [];
  for (const one of args.messages ?? []) {
    if (one.role !== "system") messages.push(one);
    else
      system.push(
        typeof one.content === "string"
          ? one.content
          : one.content.map((part) => (part.type === "text" ? part.text : "")).join(""),
      );
  }
  if (args.prompt !== undefined) messages.push({ role: "user", content: args.prompt });
  if (messages.length === 0) {
    throw new SwitchyardError("invalid_request", "messages holds only system text", { next: "Add a user message" });
  }
  return { system: system.length === 0 ? undefined : system.join("\n\n"), messages };
}

function wrongParams(error: z.ZodError, card: ModelCard): SwitchyardError {
  const issue = error.issues[0];
  const field = issue?.code === "unrecognized_keys" ? issue.keys[0] : issue?.path.join(".");
  const allowed = Object.keys(textParams.shape);
  return new SwitchyardError(
    "invalid_request",
    `params.${field} is not right for a ${card.task} model: ${issue?.message}`,
    {
      next: `The params of a ${card.task} model are ${allowed.join(", ")}`,
      details: { field: `params.${field}`, allowed },
    },
  );
}
