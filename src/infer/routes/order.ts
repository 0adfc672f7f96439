import { worstCaseOf } from "../../catalog/cost.ts";
import type { ModelCard } from "../../core/model-card.ts";
import { orderFor } from "../attempts/candidate.ts";
import type { Health } from "../attempts/health.ts";
import type { CallFacts, Strategy } from "./route.ts";

/** A model of a route, resolved. */
export interface RoutedModel {
  readonly card: ModelCard;
  readonly weight: number;
}

/**
 * The models in the order in which a strategy asks them. The sorts are stable: models that are equal to a strategy stay
 * in the order of the settings.
 */
export function inOrder(
  strategy: Strategy,
  models: readonly RoutedModel[],
  facts: CallFacts,
  health: Health,
): readonly ModelCard[] {
  const cards = models.map(({ card }) => card);
  switch (strategy) {
    case "ordered":
      return cards;
    case "weighted": {
      const named = models.map(({ card, weight }) => ({ name: card.id, weight, card }));
      return orderFor(facts.conversation, named).map(({ card }) => card);
    }
    case "price":
      return byPrice(cards, facts);
    case "latency":
      // A model that was not asked yet is asked first: there is no other way to know it.
      return cards.toSorted((a, b) => (health.latencyMs(a.id) ?? 0) - (health.latencyMs(b.id) ?? 0));
  }
}

/** The cheapest for this call first; models of unknown price last. */
export function byPrice(cards: readonly ModelCard[], { inputTokens, outputTokens }: CallFacts): ModelCard[] {
  return cards
    .map((card) => ({ card, cost: worstCaseOf(card, inputTokens, outputTokens) }))
    .sort((a, b) =>
      a.cost === b.cost ? 0 : a.cost === undefined || (b.cost !== undefined && a.cost > b.cost) ? 1 : -1,
    )
    .map(({ card }) => card);
}
