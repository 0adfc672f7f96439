import type { ModelCard } from "../../core/model-card.ts";
import type { JsonObject } from "../narrow.ts";
import type { TextRequest } from "../shapes/text.ts";
import { commonTextRules, type ReasoningEffort, type TextRules } from "../text-rules.ts";

const isOss = (model: ModelCard) => model.nativeId.startsWith("openai/gpt-oss");
/** The models that can be held to a schema. */
const schemaModels = /gpt-oss|llama-4|kimi-k2|qwen3\.\d/;
const isQwen = (model: ModelCard) => model.nativeId.startsWith("qwen/");

export function groqRules(model: ModelCard, _request: TextRequest): TextRules {
  return {
    ...commonTextRules,
    efforts: effortsOf(model),
    schema: schemaModels.test(model.nativeId),
    schemaWithTools: false,
  };
}

function effortsOf(model: ModelCard): readonly ReasoningEffort[] {
  if (isOss(model)) return ["minimal", "low", "medium", "high", "max"];
  // Qwen is on or off; on is as much as it likes.
  return isQwen(model) ? ["none", "medium"] : [];
}

export function groqEffort(effort: ReasoningEffort, model: ModelCard): JsonObject {
  if (isQwen(model)) return { reasoning_effort: effort === "none" ? "none" : "default" };
  return { reasoning_effort: effort === "minimal" ? "low" : effort === "max" ? "high" : effort };
}

/** Qwen would write its thoughts into the content, which neither tools nor JSON allow. */
export function groqDefaults(model: ModelCard): JsonObject {
  return isQwen(model) ? { reasoning_format: "parsed" } : {};
}

/** Strict mode is for gpt-oss; the others do their best with any schema. */
export function isStrict(model: ModelCard): boolean {
  return isOss(model);
}
