import { isoTime } from "../core/clock.ts";
import { SwitchyardError } from "../core/errors.ts";
import { formatUsd, type NanoUsd } from "../core/money.ts";
import { type BudgetFilter, type BudgetState, scopeLabel } from "./budget.ts";

/** What the caller's grants hold, for a refusal. */
export interface PoolState {
  readonly available: NanoUsd;
  readonly held: NanoUsd;
  readonly spent: NanoUsd;
}

/** The pool cannot carry the call. Says how much is missing and what running calls may give back. */
export function insufficientCredits(pool: PoolState, needed: NanoUsd): SwitchyardError {
  const { available, held, spent } = pool;
  const waiting = held > 0n ? `, or wait for running calls, which hold $${formatUsd(held)}` : "";
  return new SwitchyardError(
    "insufficient_credits",
    `this call could cost up to $${formatUsd(needed)} and the pool has $${formatUsd(available)} available`,
    {
      next: `Add credit with \`switchyard credits grant ${suggestedGrant(needed - available)}\`, or ask for less output or a cheaper model${waiting}`,
      retryable: held > 0n && available + held >= needed,
      details: {
        scope: "pool",
        needed: formatUsd(needed),
        available: formatUsd(available),
        held: formatUsd(held),
        spent: formatUsd(spent),
      },
    },
  );
}

/** A budget on the call's path cannot carry it. Names the level, the limit, what is held and when it resets. */
export function budgetExceeded(state: BudgetState, needed: NanoUsd, resetsAt: number | null): SwitchyardError {
  const { budget, held, spent, left } = state;
  const scope = scopeLabel(budget.scope);
  const name = scopeText(scope);
  const window = budget.window === "total" ? "" : `${budget.window} `;
  const room = left > 0n ? left : 0n;
  const wait = resetsAt === null ? "" : `Wait until ${isoTime(resetsAt)}, ask for less, or raise it: `;
  const raise =
    budget.origin === "call"
      ? "give a larger budget in the call"
      : `\`switchyard credits budgets set ${budget.scope} --window ${budget.window}${filterFlags(budget.filter)} --limit <usd>\``;
  return new SwitchyardError(
    "budget_exceeded",
    `the ${window}budget of ${name} is $${formatUsd(budget.limit)}: $${formatUsd(spent)} is spent and $${formatUsd(held)} held, which leaves $${formatUsd(room)} where this call could cost up to $${formatUsd(needed)}`,
    {
      next: `${wait || "Ask for less, or raise it: "}${raise}`,
      retryable: resetsAt !== null || (held > 0n && left + held >= needed),
      details: {
        scope,
        window: budget.window,
        ...(budget.filter === "{}" ? {} : { filter: JSON.parse(budget.filter) as unknown }),
        limit: formatUsd(budget.limit),
        spent: formatUsd(spent),
        held: formatUsd(held),
        available: formatUsd(room),
        needed: formatUsd(needed),
        resets_at: resetsAt === null ? null : isoTime(resetsAt),
      },
    },
  );
}

function scopeText(scope: string): string {
  if (scope === "pool") return "the whole pool";
  if (scope.startsWith("call:")) return `${JSON.stringify(scope.slice("call:".length))}, which this call names,`;
  return scope.replace(":", " ");
}

/** The filter of a budget, as the command takes it. */
function filterFlags(filter: string): string {
  const { metadata = {}, ...names } = JSON.parse(filter) as BudgetFilter;
  const pairs = Object.entries(metadata).map(([name, value]) => ["metadata", `${name}=${value}`]);
  return [...Object.entries(names), ...pairs].map(([name, value]) => ` --${name} ${value}`).join("");
}

/** Whole dollars, at least ten: a round amount that ends the shortage. */
function suggestedGrant(missing: NanoUsd): string {
  const dollars = missing / 1_000_000_000n + 1n;
  return (dollars > 10n ? dollars : 10n).toString();
}
