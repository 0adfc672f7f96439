import type { ModelCard } from "../../core/model-card.ts";
import type { TextRequest } from "../shapes/text.ts";
import { commonTextRules, type ReasoningEffort, type TextRules } from "../text-rules.ts";

type NativeEffort = "none" | "minimal" | "low" | "medium" | "high" | "xhigh" | "max";

/** What is known of a model from its id. */
export interface OpenaiFamily {
  /** Reasoning models are called through Responses, the only place where their reasoning can be carried on. */
  readonly reasons: boolean;
  readonly efforts: readonly NativeEffort[];
  /** Whether temperature and top_p can be set when the effort is `none`. */
  readonly samplesAtNone: boolean;
}

const chatFamily: OpenaiFamily = { reasons: false, efforts: [], samplesAtNone: false };
const six = ["low", "medium", "high", "xhigh", "max"] as const;

/** First match holds. Ids may carry a date; `ft:` stands before a fine-tuned model's base. */
const families: readonly (readonly [RegExp, OpenaiFamily])[] = [
  [/^(?:gpt-3|gpt-4|chatgpt|gpt-audio)|-chat(?:-latest)?$|-search-(?:preview|api)/, chatFamily],
  [/^o\d/, { reasons: true, efforts: ["low", "medium", "high"], samplesAtNone: false }],
  [/^gpt-5-pro/, { reasons: true, efforts: ["high"], samplesAtNone: false }],
  [/^gpt-5(?:-|$)/, { reasons: true, efforts: ["minimal", "low", "medium", "high"], samplesAtNone: false }],
  [/^gpt-5\.\d+-pro/, { reasons: true, efforts: ["medium", "high", "xhigh"], samplesAtNone: false }],
  [/^gpt-5\.\d+-codex/, { reasons: true, efforts: ["low", "medium", "high", "xhigh"], samplesAtNone: false }],
  [/^gpt-5\.1(?:-|$)/, { reasons: true, efforts: ["none", "low", "medium", "high"], samplesAtNone: true }],
  [/^gpt-5\.[2-5](?:-|$)/, { reasons: true, efforts: ["none", "low", "medium", "high", "xhigh"], samplesAtNone: true }],
  [/^gpt-5\./, { reasons: true, efforts: ["none", ...six], samplesAtNone: true }],
  [/^gpt-6(?:-luna|-sol|\.1-terra)/, { reasons: true, efforts: ["none", ...six], samplesAtNone: true }],
];
const newest: OpenaiFamily = { reasons: true, efforts: six, samplesAtNone: false };

export function openaiFamily(model: ModelCard): OpenaiFamily {
  const base = model.nativeId.replace(/^ft:/, "");
  const known = families.find(([pattern]) => pattern.test(base))?.[1];
  return known ?? (model.nativeId === "chat-latest" ? chatFamily : newest);
}

/** Our efforts in a family's words: `minimal` is the least it can do above none, `max` the most. */
export function openaiEffort(effort: ReasoningEffort, { efforts }: OpenaiFamily): NativeEffort | undefined {
  const thinking = efforts.filter((one) => one !== "none");
  if (effort === "max") return thinking.at(-1);
  if (effort === "minimal") return thinking[0];
  return efforts.find((one) => one === effort);
}

const all: readonly ReasoningEffort[] = ["none", "minimal", "low", "medium", "high", "max"];

export function openaiRules(model: ModelCard, request: TextRequest): TextRules {
  const family = openaiFamily(model);
  if (!family.reasons) {
    const search = /-search-/.test(model.nativeId);
    return { ...commonTextRules, ...(search && { temperature: null, topP: null }) };
  }
  const sampling = family.samplesAtNone && request.params.reasoning_effort === "none";
  return {
    ...commonTextRules,
    temperature: sampling ? [0, 2] : null,
    topP: sampling ? [0, 1] : null,
    stopMax: 0,
    seed: false,
    efforts: all.filter((effort) => openaiEffort(effort, family) !== undefined),
    toolResultMedia: ["image", "file"],
  };
}
