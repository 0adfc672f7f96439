import type { Task } from "../core/task.ts";
import type { InferArgs } from "../infer/request.ts";
import type { AttemptRecord, InferResult } from "../infer/result.ts";
import type { Attributes } from "./otlp.ts";

/**
 * Names and values of OpenTelemetry's conventions for generative AI; what they have no name for is `switchyard.*`.
 * https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-spans.md
 */
const operations: Readonly<Partial<Record<Task, string>>> = {
  text: "chat",
  embedding: "embeddings",
  image: "generate_content",
  video: "generate_content",
  speech: "generate_content",
  music: "generate_content",
};

/** The providers that the conventions have names of their own for. */
const providers: Readonly<Record<string, string>> = { google: "gcp.gemini", xai: "x_ai" };

export function operationOf(task: Task): string {
  return operations[task] ?? task;
}

export function providerName(model: string): string {
  const provider = model.slice(0, Math.max(0, model.indexOf("/")));
  return providers[provider] ?? provider;
}

/** A model as its provider calls it; a route and `auto` as they are. */
export function modelName(model: string): string {
  return model.startsWith("route/") ? model : model.slice(model.indexOf("/") + 1);
}

/** What a call was asked for. */
export function requestAttributes({ model, params = {}, metadata }: InferArgs, task: Task): Attributes {
  const number = (name: string) => (typeof params[name] === "number" ? (params[name] as number) : undefined);
  const stop = params.stop;
  return {
    "gen_ai.operation.name": operationOf(task),
    "gen_ai.request.model": modelName(model),
    "gen_ai.request.max_tokens": number("max_output_tokens"),
    "gen_ai.request.temperature": number("temperature"),
    "gen_ai.request.top_p": number("top_p"),
    "gen_ai.request.seed": number("seed"),
    "gen_ai.request.stop_sequences": Array.isArray(stop) ? stop.map(String) : undefined,
    "gen_ai.conversation.id": metadata?.conversation,
    "gen_ai.output.type": task === "image" || task === "speech" ? task : undefined,
  };
}

/** What came of it. */
export function resultAttributes(result: InferResult): Attributes {
  const { id, model, usage, cost, error, attempts, cached, finish_reason: finish } = result;
  const isAnswered = result.status === "succeeded";
  return {
    "gen_ai.provider.name": providerName(model),
    "gen_ai.response.model": isAnswered ? modelName(model) : undefined,
    "gen_ai.response.id": id,
    "gen_ai.response.finish_reasons": finish === undefined ? undefined : [finish],
    "gen_ai.usage.input_tokens": usage?.input_tokens,
    "gen_ai.usage.output_tokens": usage?.output_tokens,
    "gen_ai.usage.cache_read.input_tokens": usage?.cached_input_tokens,
    "gen_ai.usage.cache_creation.input_tokens": usage?.cache_write_tokens,
    "gen_ai.usage.reasoning.output_tokens": usage?.reasoning_tokens,
    "gen_ai.response.time_to_first_chunk": firstChunkS(attempts),
    "switchyard.cost.usd": Number(cost.total),
    "switchyard.cost.list_usd": Number(cost.list),
    "switchyard.attempts": attempts.filter(({ outcome }) => outcome !== "skipped").length,
    "switchyard.cached": cached,
    "error.type": error?.code,
  };
}

export function attemptAttributes(record: AttemptRecord, task: Task): Attributes {
  const { model, outcome, key, cost, first_ms: firstMs, unreconciled } = record;
  return {
    "gen_ai.operation.name": operationOf(task),
    "gen_ai.provider.name": providerName(model),
    "gen_ai.request.model": modelName(model),
    "gen_ai.response.time_to_first_chunk": firstMs === undefined ? undefined : firstMs / 1_000,
    "switchyard.outcome": outcome,
    "switchyard.key": key,
    "switchyard.cost.usd": Number(cost),
    "switchyard.unreconciled": unreconciled,
    "error.type": outcome === "succeeded" ? undefined : errorKind(record),
  };
}

/** Seconds to the first content, with those of the attempts before that gave none; pauses between them are not in it. */
export function firstChunkS(attempts: readonly AttemptRecord[]): number | undefined {
  const at = attempts.findIndex(({ first_ms: firstMs }) => firstMs !== undefined);
  const firstMs = attempts[at]?.first_ms;
  if (firstMs === undefined) return undefined;
  return attempts.slice(0, at).reduce((sum, { ms }) => sum + ms, firstMs) / 1_000;
}

/** Why an attempt did not succeed: one word of a closed list. */
export function errorKind({ error_kind: kind, outcome }: AttemptRecord): string {
  return kind ?? outcome;
}

/** Prompt and answer, as the conventions write messages. For those whose settings ask for it. */
export function contentAttributes({ system, prompt, messages }: InferArgs, result: InferResult): Attributes {
  const asked = messages ?? (prompt === undefined ? [] : [{ role: "user", content: prompt }]);
  const { text, tool_calls: calls = [] } = result.output;
  const parts = [
    ...(text === undefined ? [] : [{ type: "text", content: text }]),
    ...calls.map(({ id, name, arguments: given }) => ({ type: "tool_call", id, name, arguments: given })),
  ];
  return {
    "gen_ai.system_instructions":
      system === undefined ? undefined : JSON.stringify([{ type: "text", content: system }]),
    "gen_ai.input.messages": JSON.stringify(asked.map(({ role, content }) => ({ role, parts: partsOf(content) }))),
    "gen_ai.output.messages": JSON.stringify([{ role: "assistant", parts, finish_reason: result.finish_reason }]),
  };
}

/** Text as it is; of media only what kind it is. */
function partsOf(content: unknown): object[] {
  if (typeof content === "string") return [{ type: "text", content }];
  const parts = Array.isArray(content) ? (content as readonly { type?: unknown; text?: unknown }[]) : [];
  return parts.map(({ type, text }) => (typeof text === "string" ? { type, content: text } : { type }));
}
