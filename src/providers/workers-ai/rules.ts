import type { ModelCard } from "../../core/model-card.ts";
import type { JsonObject } from "../narrow.ts";
import type { TextRequest } from "../shapes/text.ts";
import { commonTextRules, type ReasoningEffort, type TextRules } from "../text-rules.ts";

const isOss = (model: ModelCard) => model.nativeId.startsWith("@cf/openai/gpt-oss");
/** Models whose template can switch thinking on and off. */
const switchable = /^@cf\/(?:qwen\/qwen3|zai-org\/glm|moonshotai\/kimi)/;

export function workersRules(model: ModelCard, _request: TextRequest): TextRules {
  return {
    ...commonTextRules,
    temperature: [0, 5],
    stopMax: 0,
    efforts: effortsOf(model),
    // A named choice is often ignored, which is worse than refused.
    toolChoices: ["auto", "none", "required"],
  };
}

function effortsOf(model: ModelCard): readonly ReasoningEffort[] {
  if (isOss(model)) return ["minimal", "low", "medium", "high", "max"];
  return model.features.reasoning && switchable.test(model.nativeId) ? ["none", "medium"] : [];
}

export function workersEffort(effort: ReasoningEffort, model: ModelCard): JsonObject {
  if (!isOss(model)) return { chat_template_kwargs: { enable_thinking: effort !== "none" } };
  return { reasoning_effort: effort === "minimal" ? "low" : effort === "max" ? "high" : effort };
}

/** Without a wish the server would stop after 256 tokens: ask for what fits beside a prompt. */
export function workersDefaults(model: ModelCard, { params }: TextRequest): JsonObject {
  if (params.max_output_tokens !== undefined) return {};
  const quarter = Math.floor((model.context ?? 8_192) / 4);
  return { max_tokens: Math.min(model.maxOutput ?? quarter, quarter, 16_384) };
}
