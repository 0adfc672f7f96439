import type { ModelCard } from "../../core/model-card.ts";
import type { TextRequest } from "../shapes/text.ts";
import { commonTextRules, type TextRules } from "../text-rules.ts";

export function minimaxRules(_model: ModelCard, _request: TextRequest): TextRules {
  // Nothing says that an answer can be held to a schema; the models always think.
  return { ...commonTextRules, temperature: [0.01, 1], seed: false, schema: false };
}
