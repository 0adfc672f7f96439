import type { Caller } from "../../core/caller.ts";
import { SwitchyardError } from "../../core/errors.ts";
import type { ModelCard } from "../../core/model-card.ts";
import type { Health } from "../attempts/health.ts";
import type { InferArgs } from "../request.ts";
import { forbidden, mayCall, mayCallId, type Resolver } from "../resolve.ts";
import { autoModels } from "./auto.ts";
import { inOrder, type RoutedModel } from "./order.ts";
import { type CallFacts, holds, type Route, routePrefix } from "./route.ts";

export interface ExpandOptions {
  readonly resolver: Resolver;
  readonly routes: readonly Route[];
  readonly health: Health;
}

export interface Expanded {
  readonly cards: readonly ModelCard[];
  /** Ids in the settings that no model has. */
  readonly unknown: readonly string[];
}

/**
 * The models that a name in `model` or `fallbacks` stands for, in the order to ask them: itself, the models of a route
 * that are for this call, or the cheapest that can do it.
 * @throws not_found for an unknown model or route, forbidden for what is outside the caller's rights, unsupported when
 * no model of a route is for this call or no usable model can do what `auto` is asked for.
 */
export async function expand(
  name: string,
  args: InferArgs,
  caller: Caller,
  facts: CallFacts,
  options: ExpandOptions,
): Promise<Expanded> {
  if (name === "auto") return { cards: auto(args, caller, facts, options), unknown: [] };
  if (name.startsWith(routePrefix)) return modelsOfRoute(routeOf(name, options.routes), caller, facts, options);
  const card = options.resolver.card(name);
  if (!mayCall(caller, card)) throw forbidden(card.id, caller);
  return { cards: [card], unknown: [] };
}

/** @throws not_found naming the routes that there are. */
export function routeOf(id: string, routes: readonly Route[]): Route {
  const name = id.slice(routePrefix.length);
  const route = routes.find((one) => one.name === name);
  if (route) return route;
  throw new SwitchyardError("not_found", `there is no route ${JSON.stringify(name)} in the settings`, {
    next:
      routes.length > 0
        ? `There are ${routes.map((one) => routePrefix + one.name).join(", ")}`
        : "Routes are defined in settings.json under routes",
    details: { route: name, routes: routes.map((one) => one.name) },
  });
}

async function modelsOfRoute(
  route: Route,
  caller: Caller,
  facts: CallFacts,
  options: ExpandOptions,
): Promise<Expanded> {
  const id = routePrefix + route.name;
  // Who may call the route by its name may call what is in it; others what they may call anyway.
  const isAllowed = mayCallId(caller, id);
  const fitting: RoutedModel[] = [];
  const unknown: string[] = [];
  let isForbidden = false;
  for (const { model, weight, when } of route.models) {
    if (!(await holds(when, facts))) continue;
    const card = options.resolver.find(model);
    if (!card) unknown.push(model);
    else if (isAllowed || mayCall(caller, card)) fitting.push({ card, weight });
    else isForbidden = true;
  }
  if (fitting.length > 0) return { cards: inOrder(route.strategy, fitting, facts, options.health), unknown };
  const [misspelt] = unknown;
  if (misspelt !== undefined) options.resolver.card(misspelt);
  if (isForbidden) throw forbidden(id, caller);
  throw new SwitchyardError("unsupported", `${id} has no model for this call`, {
    next: "Name a model, or give the route a model without conditions; models {id} shows what is in it",
    details: { route: route.name, input_tokens: facts.inputTokens },
  });
}

function auto(args: InferArgs, caller: Caller, facts: CallFacts, { resolver }: ExpandOptions): ModelCard[] {
  const usable = resolver.usable().filter((card) => mayCall(caller, card));
  const chosen = autoModels(usable, args, facts);
  if (chosen.length > 0) return chosen;
  throw new SwitchyardError("unsupported", "no model that can be called now can do what this call needs", {
    next:
      usable.length > 0
        ? "Name a model: auto chooses only among those whose price and abilities are known"
        : "Set a provider's key; `switchyard doctor` says which are missing",
    details: { usable: usable.length },
  });
}
