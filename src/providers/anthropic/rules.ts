import type { ModelCard } from "../../core/model-card.ts";
import type { TextRequest } from "../shapes/text.ts";
import { commonTextRules, type ReasoningEffort, type TextRules, type ToolChoiceKind } from "../text-rules.ts";
import type { UnsupportedField } from "../unsupported.ts";

/** What is known of a model from its id. An id that is not known gets the strictest reading. */
export interface ClaudeFamily {
  /** Takes temperature and top_p, and with them the protocol version that still has them. */
  readonly samples: boolean;
  /** `adaptive`: thinking is set by effort. `budget`: by a number of tokens. */
  readonly thinking: "adaptive" | "budget";
  readonly canStopThinking: boolean;
  readonly takesEffort: boolean;
  readonly forcesTools: boolean;
  readonly schemas: boolean;
  readonly prefill: boolean;
  readonly maxOutput: number;
}

const strictest: ClaudeFamily = {
  samples: false,
  thinking: "adaptive",
  canStopThinking: false,
  takesEffort: true,
  forcesTools: false,
  schemas: true,
  prefill: false,
  maxOutput: 64_000,
};

const idPattern = /^claude-(opus|sonnet|haiku|fable)-(\d)(?:-(\d{1,2}))?(?=-|$)/;

export function claudeFamily(model: ModelCard): ClaudeFamily {
  const match = idPattern.exec(model.nativeId);
  if (!match) return strictest;
  const [, name = "", major = "0", minor = "0"] = match;
  const version = Number(major) + Number(minor) / 10;
  const line = `${name}-${version}`;
  return {
    samples: version <= 4.6,
    thinking: version >= 4.6 ? "adaptive" : "budget",
    canStopThinking: name !== "fable" && !["sonnet-5.5", "opus-5.5"].includes(line),
    takesEffort: version >= 4.6 || line === "opus-4.5",
    forcesTools: !["sonnet-5.5", "opus-5.5", "fable-5.1", "fable-5.2"].includes(line),
    schemas: version >= 4.5 || line === "opus-4.1",
    prefill: version < 4.6,
    maxOutput: version >= 4.6 ? 128_000 : version >= 4.5 ? 64_000 : 32_000,
  };
}

/** The least thinking budget there is; `max_tokens` has to be larger than the budget. */
export const budgetMin = 1_024;

/** Thinking budgets for models that are not set by effort. */
const budgets: Readonly<Record<ReasoningEffort, number>> = {
  none: 0,
  minimal: budgetMin,
  low: 2_048,
  medium: 8_192,
  high: 24_576,
  max: 49_152,
};

/** The budget for an effort, no more than what leaves half of the answer for text; 0 when there is no room to think. */
export function thinkingBudget(effort: ReasoningEffort, maxTokens: number): number {
  const wanted = budgets[effort];
  if (wanted === 0 || maxTokens <= budgetMin) return 0;
  return Math.max(budgetMin, Math.min(wanted, Math.floor(maxTokens / 2)));
}

/** `max_tokens` is required; without a wish it is all that the model can write. */
export function maxTokensFor(request: TextRequest, model: ModelCard): number {
  return request.params.max_output_tokens ?? model.maxOutput ?? claudeFamily(model).maxOutput;
}

export function claudeRules(model: ModelCard, request: TextRequest): TextRules {
  const family = claudeFamily(model);
  const effort = request.params.reasoning_effort;
  const thinks = effort !== undefined && effort !== "none";
  const choices: ToolChoiceKind[] = family.forcesTools && !thinks ? ["required", "named"] : [];
  return {
    ...commonTextRules,
    temperature: family.samples && !thinks ? [0, 1] : null,
    topP: family.samples ? [thinks ? 0.95 : 0, 1] : null,
    stopMax: 4,
    seed: false,
    efforts: family.canStopThinking
      ? ["none", "minimal", "low", "medium", "high", "max"]
      : ["minimal", "low", "medium", "high", "max"],
    toolChoices: ["auto", "none", ...choices],
    schema: family.schemas,
    toolResultMedia: ["image", "file"],
    prefill: family.prefill,
  };
}

/** What depends on two fields at once. */
export function claudeCheck(request: TextRequest, model: ModelCard): UnsupportedField[] {
  const { temperature, top_p, reasoning_effort: effort } = request.params;
  const family = claudeFamily(model);
  const found: UnsupportedField[] = [];
  if (temperature !== undefined && top_p !== undefined && family.samples) {
    found.push({
      field: "params.top_p",
      reason: "it takes either temperature or top_p, not both",
      allowed: "temperature alone",
      droppable: true,
    });
  }
  if (family.thinking === "budget" && effort && effort !== "none" && maxTokensFor(request, model) <= budgetMin) {
    found.push({
      field: "params.reasoning_effort",
      reason: `its thinking alone needs more than ${budgetMin} tokens`,
      allowed: `"none", or params.max_output_tokens above ${budgetMin}`,
      droppable: true,
    });
  }
  return found;
}
