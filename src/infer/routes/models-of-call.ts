import type { Caller } from "../../core/caller.ts";
import { inferLimits } from "../../core/limits.ts";
import type { ModelCard } from "../../core/model-card.ts";
import type { NanoUsd } from "../../core/money.ts";
import type { Task } from "../../core/task.ts";
import type { Ledger } from "../../credits/ledger.ts";
import { conversationOf } from "../conversation.ts";
import { tokensGuess } from "../estimate.ts";
import { callBudget, type InferArgs } from "../request.ts";
import { type ExpandOptions, expand } from "./expand.ts";
import { type CallFacts, routePrefix } from "./route.ts";

export interface CallModelsOptions extends ExpandOptions {
  readonly ledger: Ledger;
}

/** What a call may try, before it is known what of it can be asked. */
export interface CallModels {
  /** In the order to ask them, all of the call's task. */
  readonly cards: readonly ModelCard[];
  readonly skipped: readonly { readonly model: string; readonly reason: string }[];
  /** The routes by which models came into the call, by the models' ids. */
  readonly routes: ReadonlyMap<string, string>;
  readonly facts: CallFacts;
}

/** What a call to this name is for. A name that stands for nothing counts as text: planning says what is wrong with it. */
export function taskOf(name: string, { resolver, routes }: Pick<ExpandOptions, "resolver" | "routes">): Task {
  const first = name.startsWith(routePrefix) ? routes.find((route) => routePrefix + route.name === name) : undefined;
  return resolver.find(first?.models[0]?.model ?? name)?.task ?? "text";
}

/**
 * The models that `model` and `fallbacks` stand for.
 * @throws as `expand`.
 */
export async function modelsOfCall(args: InferArgs, caller: Caller, options: CallModelsOptions): Promise<CallModels> {
  const facts = factsOf(args, caller, options);
  const cards = new Set<ModelCard>();
  const skipped: { model: string; reason: string }[] = [];
  const routes = new Map<string, string>();
  for (const name of [args.model, ...(args.fallbacks ?? [])]) {
    const expanded = await expand(name, args, caller, facts, options);
    if (name.startsWith(routePrefix)) {
      const ids = [...expanded.unknown, ...expanded.cards.filter((card) => !cards.has(card)).map(({ id }) => id)];
      for (const id of ids) routes.set(id, name.slice(routePrefix.length));
    }
    for (const model of expanded.unknown) skipped.push({ model, reason: "there is no such model in the catalog" });
    for (const card of expanded.cards) {
      if (card.task === facts.task) cards.add(card);
      else skipped.push({ model: card.id, reason: `it is a ${card.task} model, and the call asks for ${facts.task}` });
    }
  }
  const { modelsPerCallMax } = inferLimits;
  for (const { id } of [...cards].slice(modelsPerCallMax)) {
    skipped.push({ model: id, reason: `a call tries at most ${modelsPerCallMax} models` });
  }
  return { cards: [...cards].slice(0, modelsPerCallMax), skipped, routes, facts };
}

function factsOf(args: InferArgs, caller: Caller, options: CallModelsOptions): CallFacts {
  const { system = "", prompt = "", messages, tools, params = {} } = args;
  const output = params.max_output_tokens;
  let left: Promise<NanoUsd> | undefined;
  let inputTokens: number | undefined;
  let conversation: string | undefined;
  return {
    task: taskOf(args.model, options),
    // Most calls never ask; a long prompt takes a while to look at.
    get inputTokens() {
      inputTokens ??= tokensGuess(
        (messages ? JSON.stringify(messages).length : prompt.length) +
          system.length +
          (tools ? JSON.stringify(tools).length : 0),
      );
      return inputTokens;
    },
    outputTokens: typeof output === "number" ? output : inferLimits.comparedOutputTokens,
    metadata: args.metadata ?? {},
    conversation() {
      conversation ??= conversationOf(args, caller);
      return conversation;
    },
    budgetLeft() {
      left ??= options.ledger.affordable(caller, callBudget(args));
      return left;
    },
  };
}
