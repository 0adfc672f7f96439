import { inferLimits } from "../../core/limits.ts";
import { localKey, matches, type RatedCall, type RateLimit } from "./limit.ts";

/** What is counted under a limit: the requests or the tokens of all it matches, or of one key or model. */
export interface Counter {
  /** The same in every process whose settings limit the same, by whatever amount. */
  readonly name: string;
  readonly unit: "requests" | "tokens";
  /** In a minute. */
  readonly max: number;
  readonly limit: RateLimit;
}

/** The counter that makes a call wait longest. */
export interface Short {
  readonly counter: Counter;
  readonly waitMs: number;
}

export function longer(one: Short | undefined, other: Short | undefined): Short | undefined {
  return one && other ? (other.waitMs > one.waitMs ? other : one) : (one ?? other);
}

/** What a call takes of a counter. What a provider says of its tokens is believed within reason. */
export function amountOf({ unit }: Counter, tokens: number): number {
  if (unit === "requests") return 1;
  return tokens >= 0 ? Math.min(Math.round(tokens), inferLimits.rateTokensPerAttemptMax) : 0;
}

const none: readonly Counter[] = [];

/**
 * Finds the counters of calls. A counter is named by what it counts, not by its limit's place or amount: what was sent was
 * sent, under whichever settings. Of two limits on the same only the smaller can matter.
 */
export function countersUnder(limits: readonly RateLimit[]): (call: RatedCall) => readonly Counter[] {
  const counters = new Map<string, Counter>();
  for (const limit of limits) {
    const { key, provider, model, each } = limit;
    for (const unit of ["requests", "tokens"] as const) {
      const max = unit === "requests" ? limit.requestsPerMinute : limit.tokensPerMinute;
      if (max === undefined) continue;
      const name = JSON.stringify([unit, key ?? null, provider ?? null, model ?? null, each ?? null]);
      const other = counters.get(name);
      const isSmaller = !other || max < other.max || (max === other.max && limit.onLimit === "refuse");
      if (isSmaller) counters.set(name, { name, unit, max, limit });
    }
  }
  const all = [...counters.values()];
  if (all.length === 0) return () => none;
  return (call) => all.filter(({ limit }) => matches(limit, call)).map((counter) => memberOf(counter, call));
}

function memberOf(counter: Counter, { caller, model }: RatedCall): Counter {
  const { each } = counter.limit;
  if (each === undefined) return counter;
  const member = each === "key" ? JSON.stringify([caller.workspace, caller.key ?? localKey]) : model;
  return { ...counter, name: `${counter.name}${member}` };
}
