import type { NanoUsd } from "../../core/money.ts";
import type { Task } from "../../core/task.ts";

export type Strategy = "ordered" | "weighted" | "price" | "latency";

/** When a model of a route is asked; every member that is given must hold. */
export interface RouteCondition {
  readonly task?: Task | undefined;
  /** Of the estimated input, four characters a token. */
  readonly inputTokensMin?: number | undefined;
  readonly inputTokensMax?: number | undefined;
  /** Every pair must be in the call's metadata. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** What the caller could still spend. */
  readonly budgetLeftMin?: NanoUsd | undefined;
}

export interface RouteModel {
  readonly model: string;
  readonly weight: number;
  readonly when?: RouteCondition | undefined;
}

/** A named list of models, called as `route/<name>`. */
export interface Route {
  readonly name: string;
  readonly strategy: Strategy;
  readonly models: readonly RouteModel[];
}

/** What conditions and strategies look at. */
export interface CallFacts {
  readonly task: Task;
  readonly inputTokens: number;
  /** What the answer is taken to be at least, to compare prices by. */
  readonly outputTokens: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** Names the conversation. */
  conversation(): string;
  budgetLeft(): Promise<NanoUsd>;
}

export const routePrefix = "route/";

export async function holds(when: RouteCondition | undefined, facts: CallFacts): Promise<boolean> {
  if (!when) return true;
  if (when.task !== undefined && when.task !== facts.task) return false;
  if (facts.inputTokens < (when.inputTokensMin ?? 0)) return false;
  if (facts.inputTokens > (when.inputTokensMax ?? Number.POSITIVE_INFINITY)) return false;
  const pairs = Object.entries(when.metadata ?? {});
  if (!pairs.every(([name, value]) => Object.hasOwn(facts.metadata, name) && facts.metadata[name] === value))
    return false;
  return when.budgetLeftMin === undefined || (await facts.budgetLeft()) >= when.budgetLeftMin;
}
