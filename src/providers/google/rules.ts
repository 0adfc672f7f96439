import type { ModelCard } from "../../core/model-card.ts";
import type { TextRequest } from "../shapes/text.ts";
import { commonTextRules, type ReasoningEffort, type TextRules } from "../text-rules.ts";

export interface GeminiFamily {
  readonly version: number;
  /** How thinking is set. `null`: not at all. */
  readonly thinking:
    | { readonly budget: readonly [min: number, max: number] }
    | { readonly levels: readonly string[] }
    | null;
}

const newestVersion = 4;

/** What is known of a model from its id; `-latest` and ids that are not known are read as the newest. */
export function geminiFamily(model: ModelCard): GeminiFamily {
  const id = model.nativeId.replace(/^models\//, "");
  if (!id.startsWith("gemini")) return { version: 0, thinking: null };
  const version = Number(/^gemini-(\d+(?:\.\d+)?)/.exec(id)?.[1] ?? newestVersion);
  if (version < 2.5) return { version, thinking: null };
  if (version < 3) {
    const least = id.includes("pro") ? 128 : 0;
    return { version, thinking: { budget: [least, least > 0 ? 32_768 : 24_576] } };
  }
  const levels = ["LOW", "MEDIUM", "HIGH"];
  if (id.startsWith("gemini-4-hydrogen")) levels.push("XHIGH");
  if (version < 3.7 && id.includes("flash")) levels.unshift("MINIMAL");
  return { version, thinking: { levels } };
}

const budgets: Readonly<Record<ReasoningEffort, number>> = {
  none: 0,
  minimal: 512,
  low: 2_048,
  medium: 8_192,
  high: 16_384,
  max: Number.POSITIVE_INFINITY,
};

/** `thinkingConfig` for an effort; undefined when the model cannot be set to it. */
export function geminiThinking(
  effort: ReasoningEffort,
  { thinking }: GeminiFamily,
): Record<string, unknown> | undefined {
  if (!thinking) return undefined;
  if ("budget" in thinking) {
    const [min, max] = thinking.budget;
    if (effort === "none" && min > 0) return undefined;
    const budget = effort === "none" ? 0 : Math.min(max, Math.max(min, budgets[effort]));
    return { thinkingBudget: budget, ...(budget > 0 && { includeThoughts: true }) };
  }
  const { levels } = thinking;
  const level =
    effort === "minimal"
      ? levels[0]
      : effort === "max"
        ? levels.at(-1)
        : levels.find((one) => one === effort.toUpperCase());
  return level === undefined ? undefined : { thinkingLevel: level, includeThoughts: true };
}

const efforts: readonly ReasoningEffort[] = ["none", "minimal", "low", "medium", "high", "max"];

export function geminiRules(model: ModelCard, _request: TextRequest): TextRules {
  const family = geminiFamily(model);
  // The three sampling parameters are deprecated from 3.6 on and to be left out.
  const samples = family.version < 3.6;
  return {
    ...commonTextRules,
    temperature: samples ? [0, 2] : null,
    topP: samples ? [0, 1] : null,
    stopMax: 5,
    efforts: efforts.filter((effort) => geminiThinking(effort, family) !== undefined),
    schemaWithTools: family.version >= 3,
    toolResultMedia: family.version >= 3 ? ["image", "file"] : [],
  };
}
