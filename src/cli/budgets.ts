import { isoTime } from "../core/clock.ts";
import { SwitchyardError } from "../core/errors.ts";
import { formatUsd } from "../core/money.ts";
import type { BudgetFilter } from "../credits/budget.ts";
import type { LimitState } from "../credits/limit-state.ts";
import { parseDollars } from "./arguments.ts";
import { printJson } from "./print-json.ts";
import { withLedger } from "./with-ledger.ts";

export interface BudgetOptions {
  readonly window: string;
  readonly provider?: string;
  readonly model?: string;
  readonly tool?: string;
  readonly metadata?: readonly string[];
}

/** `switchyard credits budgets`. */
export async function listBudgets(options: { json?: boolean }): Promise<void> {
  await withLedger(async ({ admin }) => {
    const budgets = await admin.budgets();
    if (options.json) return printJson(budgets);
    if (budgets.length === 0)
      console.log("There are no budgets. Make one with: switchyard credits budgets set <scope>");
    for (const budget of budgets) console.log(showLimit(budget));
  });
}

/** `switchyard credits budgets set <scope> --limit 5`. */
export async function setBudget(scope: string, options: BudgetOptions & { limit: string }): Promise<void> {
  const limit = parseDollars(options.limit, "--limit");
  await withLedger(async ({ admin }) => {
    const budget = await admin.setBudget({ scope, window: options.window, filter: filterOf(options), limit });
    console.log(showLimit(budget));
    if (budget.warning !== null) console.log(`Note: ${budget.warning}.`);
  });
}

/** `switchyard credits budgets remove <scope>`. */
export async function removeBudget(scope: string, options: BudgetOptions): Promise<void> {
  await withLedger(async ({ admin }) => {
    if (await admin.removeBudget({ scope, window: options.window, filter: filterOf(options) })) return;
    throw new SwitchyardError("not_found", `there is no ${options.window} budget of ${scope} with this filter`, {
      next: "`switchyard credits budgets` lists them",
      details: { scope, window: options.window },
    });
  });
}

/** One line about a budget and what counts against it. */
export function showLimit({ scope, window, filter, limit, spent, held, resetsAt }: LimitState): string {
  const only = filter === undefined ? "" : ` for ${JSON.stringify(filter)}`;
  const reset = resetsAt === null ? "" : `, resets at ${isoTime(resetsAt)}`;
  return `${window} budget of ${scope}${only}: $${formatUsd(spent)} spent and $${formatUsd(held)} held of $${formatUsd(limit)}${reset}`;
}

function filterOf({ provider, model, tool, metadata }: BudgetOptions): BudgetFilter {
  const pairs = metadata?.map((pair) => {
    const at = pair.indexOf("=");
    if (at > 0) return [pair.slice(0, at), pair.slice(at + 1)] as const;
    throw new SwitchyardError("invalid_request", `--metadata ${JSON.stringify(pair)} is not a pair`, {
      next: "Give it as name=value",
    });
  });
  return { provider, model, tool, metadata: pairs && Object.fromEntries(pairs) };
}
