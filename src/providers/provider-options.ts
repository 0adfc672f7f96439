import { SwitchyardError } from "../core/errors.ts";
import { asObject, type JsonObject } from "./narrow.ts";
import { refusePriced } from "./priced-options.ts";

/** Fields that decide what a call may cost or how its answer is read, and what to do in their place. */
const owned: Readonly<Record<string, string>> = {
  model: "Name the model in model",
  messages: "Use messages in its place",
  input: "Use messages in its place",
  contents: "Use messages in its place",
  stream: "Leave it out: answers are always streamed from the provider",
  stream_options: "Leave it out: usage is always asked for",
  n: "Call several times",
  candidateCount: "Call several times",
  best_of: "Call several times",
  max_tokens: "Use params.max_output_tokens in its place",
  max_completion_tokens: "Use params.max_output_tokens in its place",
  max_output_tokens: "Use params.max_output_tokens in its place",
  maxOutputTokens: "Use params.max_output_tokens in its place",
};

/**
 * Merges native fields into a body, objects member by member, everything else replaced.
 * @throws invalid_request for a field that has a place of its own in the request, or that changes the price.
 */
export function withProviderOptions(
  body: JsonObject,
  options: JsonObject | undefined,
  provider: string,
): Record<string, unknown> {
  refuseOwned(options ?? {}, `provider_options.${provider}`);
  refusePriced(options ?? {}, provider);
  refuseOwned(asObject(options?.generationConfig) ?? {}, `provider_options.${provider}.generationConfig`);
  return merge(body, options ?? {});
}

function refuseOwned(options: JsonObject, path: string): void {
  for (const name of Object.keys(options)) {
    const next = Object.hasOwn(owned, name) ? owned[name] : undefined;
    if (next === undefined) continue;
    throw new SwitchyardError("invalid_request", `${path}.${name} cannot be set`, {
      next,
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
