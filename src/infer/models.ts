import { z } from "zod";
import type { Catalog } from "../catalog/catalog.ts";
import type { Caller } from "../core/caller.ts";
import { SwitchyardError } from "../core/errors.ts";
import type { ModelCard } from "../core/model-card.ts";
import type { Task } from "../core/task.ts";
import type { Resolver } from "./resolve.ts";
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
};

export interface Models {
  /** Models that match, usable ones first. @throws not_found for an unknown `id`, invalid_request for a bad cursor. */
  search(args: ModelsArgs, caller: Caller): Promise<{ models: readonly ModelFacts[]; next_cursor?: string }>;
}

const limitDefault = 20;

export function openModels(catalog: Catalog, resolver: Resolver): Models {
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
      if (args.id !== undefined) {
        const card = catalog.resolve(args.id);
        const schema = paramsSchema(card.task);
        const params = schema ? { params: z.toJSONSchema(schema) } : {};
        return { models: [{ ...facts(card), ...params }] };
      }
      const found = catalog
        .search(args)
        .map(facts)
        .filter((model) => args.usable === undefined || model.usable === args.usable);
      found.sort((a, b) => Number(b.usable) - Number(a.usable));
      const from = offsetOf(args.cursor);
      const limit = args.limit ?? limitDefault;
      const page = found.slice(from, from + limit);
      return { models: page, ...(from + limit < found.length ? { next_cursor: String(from + limit) } : {}) };
    },
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
