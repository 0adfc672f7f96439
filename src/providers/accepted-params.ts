import { z } from "zod";
import type { ModelCard } from "../core/model-card.ts";
import type { TextAdapter } from "./adapter.ts";
import type { JsonObject } from "./narrow.ts";
import { reasoningEfforts, type TextParams, textParams } from "./shapes/text.ts";

/** A value of each parameter that no range shuts out. */
const samples = { temperature: 1, top_p: 0.97, stop: "x", seed: 1 } as const;

/**
 * The JSON Schema of the text parameters that a model takes, found by asking its adapter: what is refused is left out,
 * efforts are those it knows, and what it takes only at some effort says so.
 */
export function acceptedTextParams(text: TextAdapter, model: ModelCard): JsonObject {
  const takes = (params: TextParams) => (text.check?.({ messages: [], params }, model) ?? []).length === 0;
  const known = z.toJSONSchema(textParams).properties as Record<string, JsonObject>;
  const properties: Record<string, JsonObject> = {
    max_output_tokens: { ...known.max_output_tokens, ...(model.maxOutput !== null && { maximum: model.maxOutput }) },
  };
  for (const [name, value] of Object.entries(samples)) {
    if (takes({ [name]: value })) properties[name] = { ...known[name] };
    else if (takes({ [name]: value, reasoning_effort: "none" })) {
      properties[name] = { ...known[name], description: 'Only with reasoning_effort "none"' };
    }
  }
  const efforts = reasoningEfforts.filter((effort) => takes({ reasoning_effort: effort }));
  if (efforts.length > 1) properties.reasoning_effort = { type: "string", enum: efforts };
  return { type: "object", properties, additionalProperties: false };
}
