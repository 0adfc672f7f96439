import type { ModelCard } from "../../core/model-card.ts";
import type { JsonObject } from "../narrow.ts";
import type { TextRequest } from "../shapes/text.ts";
import { commonTextRules, type ReasoningEffort, type TextRules } from "../text-rules.ts";

const thinkingOnly = /-thinking(?:-|$)|^qwq/;
/** The models that can be held to a schema. */
const schemaModels = /^qwen3\.(?:7-(?:plus|flash|max)|8-(?:max|flash))/;

/** Tokens of thinking for an effort; `max` sets no bound. */
const budgets: Readonly<Record<ReasoningEffort, number | undefined>> = {
  none: 0,
  minimal: 512,
  low: 2_048,
  medium: 8_192,
  high: 24_576,
  max: undefined,
};

export function qwenRules(model: ModelCard, { params }: TextRequest): TextRules {
  const thinks = params.reasoning_effort !== undefined && params.reasoning_effort !== "none";
  return {
    ...commonTextRules,
    temperature: [0, 1.99],
    efforts: effortsOf(model),
    // A call cannot be forced while the model thinks, and never just any call.
    toolChoices: thinks ? ["auto", "none"] : ["auto", "none", "named"],
    schema: schemaModels.test(model.nativeId),
  };
}

function effortsOf(model: ModelCard): readonly ReasoningEffort[] {
  if (!model.features.reasoning) return [];
  const thinking: readonly ReasoningEffort[] = ["minimal", "low", "medium", "high", "max"];
  return thinkingOnly.test(model.nativeId) ? thinking : ["none", ...thinking];
}

export function qwenEffort(effort: ReasoningEffort, model: ModelCard): JsonObject {
  const budget = budgets[effort];
  if (effort === "none") return { enable_thinking: false };
  return {
    ...(!thinkingOnly.test(model.nativeId) && { enable_thinking: true }),
    ...(budget !== undefined && { thinking_budget: budget }),
  };
}
