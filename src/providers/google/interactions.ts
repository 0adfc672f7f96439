import type { Usage } from "../../core/usage.ts";
import { failure } from "../failure.ts";
import { asCount, asList, asObject, asWord, defined, type JsonObject } from "../narrow.ts";
import { withMediaOptions } from "../paid-options.ts";
import type { ProviderFailure } from "../shapes/event.ts";
import type { Credentials, WireRequest } from "../shapes/wire.ts";
import { googleError } from "./error.ts";

const paid = { response_format: "params", background: "", store: "" };

/** `POST /interactions`. */
export function interactionRequest(
  body: JsonObject,
  credentials: Credentials,
  options: JsonObject | undefined,
): WireRequest {
  return {
    method: "POST",
    url: `${credentials.baseUrl}/interactions`,
    headers: keyed(credentials, { "content-type": "application/json" }),
    body: JSON.stringify(withMediaOptions(body, options, "google", paid)),
  };
}

/** `GET /interactions/{id}`, or `POST /interactions/{id}/cancel`. */
export function interactionOf(id: string, credentials: Credentials, verb?: "cancel"): WireRequest {
  const url = `${credentials.baseUrl}/interactions/${encodeURIComponent(id)}`;
  return verb === undefined
    ? { method: "GET", url, headers: keyed(credentials) }
    : { method: "POST", url: `${url}/${verb}`, headers: keyed(credentials) };
}

function keyed(credentials: Credentials, headers: Readonly<Record<string, string>> = {}) {
  return { "x-goog-api-key": credentials.apiKey, ...headers, ...credentials.headers };
}

/** The content blocks that the model put out, in order. */
export function modelOutput(interaction: JsonObject): JsonObject[] {
  return asList(interaction.steps).flatMap((step) => {
    const { type, content } = asObject(step) ?? {};
    return type === "model_output" ? asList(content).flatMap<JsonObject>((block) => asObject(block) ?? []) : [];
  });
}

/** What the model said in words, joined. */
export function spokenText(blocks: readonly JsonObject[]): string {
  return blocks.map((block) => (block.type === "text" ? (asWord(block.text) ?? "") : "")).join("");
}

/** `usage` of an interaction in our units: thoughts are counted beside the output. Absent while it still runs. */
export function interactionUsage(interaction: JsonObject): Usage {
  const usage = asObject(interaction.usage);
  if (!usage) return {};
  const thoughts = asCount(usage.total_thought_tokens);
  const output = asCount(usage.total_output_tokens);
  return defined({
    inputTokens: sum(asCount(usage.total_input_tokens), asCount(usage.total_tool_use_tokens)),
    cachedInputTokens: asCount(usage.total_cached_tokens),
    outputTokens: sum(output, thoughts),
    reasoningTokens: thoughts,
    audioInputTokens: ofModality(usage.input_tokens_by_modality, "audio"),
    imageInputTokens: ofModality(usage.input_tokens_by_modality, "image"),
  });
}

function sum(...counts: readonly (number | undefined)[]): number | undefined {
  const known = counts.filter((count) => count !== undefined);
  return known.length === 0 ? undefined : known.reduce((total, count) => total + count, 0);
}

function ofModality(details: unknown, modality: string): number | undefined {
  return asCount(
    asList(details)
      .map(asObject)
      .find((one) => one?.modality === modality)?.tokens,
  );
}

const filterWords = /\b(?:safety|prohibited|blocked|content policy|responsible ai)\b/i;

/** Why an interaction came to nothing, in its own words where it has any. */
export function interactionFailure(interaction: JsonObject): ProviderFailure {
  const error = asObject(interaction.error);
  const said = spokenText(modelOutput(interaction));
  const status = asWord(interaction.status) ?? "no status";
  const found = error
    ? googleError(error)
    : failure("server_error", `the interaction ended as ${status}${said ? `: ${said}` : ""}`, { code: status });
  // The filter has no status of its own here.
  return filterWords.test(found.message) ? { ...found, kind: "content_refused" } : found;
}
