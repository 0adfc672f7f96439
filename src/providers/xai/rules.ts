import type { ModelCard } from "../../core/model-card.ts";
import type { JsonObject } from "../narrow.ts";
import type { TextRequest } from "../shapes/text.ts";
import { commonTextRules, type ReasoningEffort, type TextRules } from "../text-rules.ts";

/** Many agents behind one model: it is called through Responses alone and calls no tools of the caller's. */
export function isMultiAgent(model: ModelCard): boolean {
  return model.nativeId.includes("multi-agent");
}

const efforts: readonly ReasoningEffort[] = ["none", "minimal", "low", "medium", "high", "max"];

export function grokRules(model: ModelCard, _request: TextRequest): TextRules {
  // These two are what their names say, whatever the effort.
  const fixed = /-(?:non-)?reasoning$/.test(model.nativeId) || !model.features.reasoning;
  return {
    ...commonTextRules,
    stopMax: model.features.reasoning ? 0 : 4,
    seed: !isMultiAgent(model),
    efforts: fixed ? [] : efforts,
    toolResultMedia: isMultiAgent(model) ? ["image"] : [],
  };
}

export function grokEffort(effort: ReasoningEffort): string {
  return effort === "minimal" ? "low" : effort === "max" ? "xhigh" : effort;
}

export function grokChatEffort(effort: ReasoningEffort): JsonObject {
  return { reasoning_effort: grokEffort(effort) };
}
