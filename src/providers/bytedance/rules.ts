import type { ModelCard } from "../../core/model-card.ts";
import type { JsonObject } from "../narrow.ts";
import type { TextRequest } from "../shapes/text.ts";
import { commonTextRules, type ReasoningEffort, type TextRules } from "../text-rules.ts";

export function seedRules(model: ModelCard, _request: TextRequest): TextRules {
  return {
    ...commonTextRules,
    seed: false,
    efforts: model.features.reasoning ? ["none", "minimal", "low", "medium", "high", "max"] : [],
  };
}

export function seedEffort(effort: ReasoningEffort): JsonObject {
  if (effort === "none") return { thinking: { type: "disabled" } };
  return { thinking: { type: "enabled" }, reasoning_effort: effort === "max" ? "high" : effort };
}
