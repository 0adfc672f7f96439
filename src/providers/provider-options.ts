import { SwitchyardError } from "../core/errors.ts";
import { asObject, type JsonObject } from "./narrow.ts";

/** Fields that decide what a call may cost or how its answer is read; each has a place of its own in a request. */
const owned: Readonly<Record<string, string>> = {
  model: "model",
  messages: "messages",
  input: "messages",
  contents: "messages",
  stream: "nothing: answers are always streamed from the provider",
  stream_options: "nothing: usage is always asked for",
  n: "several calls",
  candidateCount: "several calls",
  max_tokens: "params.max_output_tokens",
  max_completion_tokens: "params.max_output_tokens",
  max_output_tokens: "params.max_output_tokens",
  maxOutputTokens: "params.max_output_tokens",
};

/**
 * Merges native fields into a body, objects member by member, everything else replaced.
 * @throws invalid_request for a field that has a place of its own in the request.
 */
export function withProviderOptions(
  body: JsonObject,
  options: JsonObject | undefined,
  provider: string,
): Record<string, unknown> {
  refuseOwned(options ?? {}, `provider_options.${provider}`);
  refuseOwned(asObject(options?.generationConfig) ?? {}, `provider_options.${provider}.generationConfig`);
  return merge(body, options ?? {});
}

function refuseOwned(options: JsonObject, path: string): void {
  for (const name of Object.keys(options)) {
    const place = owned[name];
    if (place === undefined) continue;
    throw new SwitchyardError("invalid_request", `${path}.${name} cannot be set`, {
      next: `Use ${place} in its place`,
      details: { field: `${path}.${name}` },
    });
  }
}

function merge(body: JsonObject, options: JsonObject): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...body };
  for (const [name, value] of Object.entries(options)) {
    if (name === "__proto__" || value === undefined) continue;
    const [inner, outer] = [asObject(value), asObject(merged[name])];
    merged[name] = inner && outer ? merge(outer, inner) : value;
  }
  return merged;
}
