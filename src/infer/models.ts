import { z } from "zod";
import type { Catalog } from "../catalog/catalog.ts";
import type { Caller } from "../core/caller.ts";
import { SwitchyardError } from "../core/errors.ts";
import type { ModelCard } from "../core/model-card.ts";
import { formatUsd } from "../core/money.ts";
import type { Task } from "../core/task.ts";
import type { Endpoints } from "./endpoints.ts";
import type { Resolver } from "./resolve.ts";
import { routeOf } from "./routes/expand.ts";
import { type Route, type RouteCondition, routePrefix, type Strategy } from "./routes/route.ts";
import { paramsSchema } from "./tasks/task-params.ts";

export interface ModelsArgs {
  readonly query?: string | undefined;
  readonly id?: string | undefined;
  readonly task?: Task | undefined;
  readonly provider?: string | undefined;
  readonly features?: readonly string[] | undefined;
  readonly usable?: boolean | undefined;
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

export type ModelFacts = {
  readonly id: string;
  readonly task: Task;
  readonly provider: string;
  readonly context?: number | undefined;
  readonly max_output?: number | undefined;
  readonly price: ModelCard["price"];
  readonly price_source: string;
  readonly features: readonly string[];
  readonly status: ModelCard["status"];
  readonly successor?: string | undefined;
  readonly usable: boolean;
  readonly missing?: string | undefined;
  readonly params?: unknown;
  /** Of a route: how it chooses, and what among. */
  readonly strategy?: Strategy | undefined;
  readonly models?: readonly RouteModelFacts[] | undefined;
};

export type RouteModelFacts = {
  readonly model: string;
  readonly weight?: number | undefined;
  readonly when?: Readonly<Record<string, unknown>> | undefined;
  readonly usable: boolean;
  readonly missing?: string | undefined;
};

export interface Models {
  /** Models that match, usable ones first; routes when the query asks for them. @throws not_found for an unknown `id`, invalid_request for a bad cursor. */
  search(args: ModelsArgs, caller: Caller): Promise<{ models: readonly ModelFacts[]; next_cursor?: string }>;
}

const limitDefault = 20;

export function openModels(
  catalog: Catalog,
  resolver: Resolver,
  routes: readonly Route[],
  endpoints: Endpoints,
): Models {
  function facts(card: ModelCard): ModelFacts {
    const availability = resolver.availability(card);
    const features = Object.entries(card.features).flatMap(([name, has]) => (has === true ? [name] : []));
    return {
      id: card.id,
      task: card.task,
      provider: card.provider,
      ...(card.context === null ? {} : { context: card.context }),
      ...(card.maxOutput === null ? {} : { max_output: card.maxOutput }),
      price: card.price,
      price_source: card.priceSource,
      features,
      status: card.status,
      ...(card.successor === undefined ? {} : { successor: card.successor }),
      usable: availability.usable,
      ...(availability.usable ? {} : { missing: availability.missing }),
    };
  }

  return {
    async search(args) {
      catalog.add(await endpoints.listed(args.provider ?? args.id?.split("/")[0]));
      if (args.id?.startsWith(routePrefix)) return { models: [routeFacts(routeOf(args.id, routes), resolver)] };
      if (args.id !== undefined) {
        const card = resolver.card(args.id);
        const schema = paramsSchema(card.task);
        const params = schema ? { params: z.toJSONSchema(schema) } : {};
        return { models: [{ ...facts(card), ...params }] };
      }
      const asked = isForRoutes(args)
        ? routes.map((route) => routeFacts(route, resolver))
        : catalog.search(args).map(facts);
      const found = asked.filter((model) => args.usable === undefined || model.usable === args.usable);
      found.sort((a, b) => Number(b.usable) - Number(a.usable));
      const from = offsetOf(args.cursor);
      const limit = args.limit ?? limitDefault;
      const page = found.slice(from, from + limit);
      return { models: page, ...(from + limit < found.length ? { next_cursor: String(from + limit) } : {}) };
    },
  };
}

/** Routes are in no catalog: they are listed when they are asked for by that word. */
function isForRoutes({ query = "" }: ModelsArgs): boolean {
  return /^routes?\b/i.test(query.trim());
}

function routeFacts({ name, strategy, models }: Route, resolver: Resolver): ModelFacts {
  const listed = models.map(({ model, weight, when }): RouteModelFacts => {
    const card = resolver.find(model);
    const state = card ? resolver.availability(card) : { usable: false, missing: "there is no such model" };
    return {
      model,
      ...(strategy === "weighted" ? { weight } : {}),
      ...(when ? { when: whenFacts(when) } : {}),
      ...state,
    };
  });
  const cards = models.flatMap(({ model }) => resolver.find(model) ?? []);
  const all = Object.keys(cards[0]?.features ?? {}) as (keyof ModelCard["features"])[];
  const usable = listed.some((model) => model.usable);
  return {
    id: routePrefix + name,
    task: cards[0]?.task ?? "text",
    provider: "route",
    price: null,
    price_source: "its models",
    // What every model of it has.
    features: all.filter((feature) => cards.every((card) => card.features[feature] === true)),
    status: "ga",
    usable,
    ...(usable ? {} : { missing: "none of its models can be called" }),
    strategy,
    models: listed,
  };
}

/** A condition in the words of the settings. */
function whenFacts({ task, inputTokensMin, inputTokensMax, metadata, budgetLeftMin }: RouteCondition) {
  return {
    ...(task === undefined ? {} : { task }),
    ...(inputTokensMin === undefined ? {} : { input_tokens_min: inputTokensMin }),
    ...(inputTokensMax === undefined ? {} : { input_tokens_max: inputTokensMax }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(budgetLeftMin === undefined ? {} : { budget_left_min: formatUsd(budgetLeftMin) }),
  };
}

function offsetOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (/^\d{1,6}$/.test(cursor)) return Number(cursor);
  throw new SwitchyardError("invalid_request", `cursor ${JSON.stringify(cursor)} is not one that this tool gave`, {
    next: "Pass next_cursor of the last answer unchanged, or leave cursor out to start again",
    details: { field: "cursor" },
  });
}
