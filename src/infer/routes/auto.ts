import { inferLimits } from "../../core/limits.ts";
import type { ModelCard } from "../../core/model-card.ts";
import type { InferArgs } from "../request.ts";
import { byPrice } from "./order.ts";
import type { CallFacts } from "./route.ts";

/**
 * The models for a call that leaves the choice to us: those that can do what it needs, the cheapest first. Of one
 * provider there are few, so that a provider that is down does not take them all with it.
 */
export function autoModels(cards: readonly ModelCard[], args: InferArgs, facts: CallFacts): ModelCard[] {
  const ofProvider = new Map<string, number>();
  const able = cards.filter((card) => card.status === "ga" && card.price !== null && canDo(card, args, facts));
  const chosen: ModelCard[] = [];
  for (const card of byPrice(able, facts)) {
    const count = (ofProvider.get(card.provider) ?? 0) + 1;
    if (count > inferLimits.autoModelsPerProviderMax) continue;
    ofProvider.set(card.provider, count);
    chosen.push(card);
    if (chosen.length === inferLimits.autoModelsMax) break;
  }
  return chosen;
}

function canDo(card: ModelCard, { tools, response_schema, params = {}, messages = [] }: InferArgs, facts: CallFacts) {
  const { features } = card;
  if (card.task !== facts.task) return false;
  if (tools && tools.length > 0 && !features.tools) return false;
  if (response_schema && features.json_schema !== true) return false;
  if (params.reasoning_effort !== undefined && params.reasoning_effort !== "none" && !features.reasoning) return false;
  const { max_output_tokens: output = 0 } = params;
  if (typeof output === "number" && output > (card.maxOutput ?? inferLimits.outputTokensDefault)) return false;
  if (facts.inputTokens + facts.outputTokens > (card.context ?? Number.POSITIVE_INFINITY)) return false;
  return messages.every(
    ({ content }) =>
      typeof content === "string" ||
      content.every((part) => part.type === "text" || part.type === "reasoning" || card.input.includes(part.type)),
  );
}
