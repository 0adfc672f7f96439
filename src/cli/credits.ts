import { isoTime } from "../core/clock.ts";
import { SwitchyardError } from "../core/errors.ts";
import { formatUsd } from "../core/money.ts";
import type { Overview, OverviewQuery } from "../credits/overview.ts";
import { parseDollars, parseTime } from "./arguments.ts";
import { showLimit } from "./budgets.ts";
import { printJson } from "./print-json.ts";
import { withLedger } from "./with-ledger.ts";

export interface GrantOptions {
  readonly note?: string;
  readonly workspace?: string;
  readonly category?: string;
  readonly priority?: string;
  readonly effective?: string;
  readonly expires?: string;
  readonly idempotencyKey?: string;
}

/** `switchyard credits grant 25`. */
export async function grantCredits(dollars: string, options: GrantOptions): Promise<void> {
  const amount = parseDollars(dollars, "the grant");
  if (amount <= 0n) {
    throw new SwitchyardError("invalid_request", `a grant of ${dollars} adds nothing`, {
      next: "Give a positive amount; `switchyard credits refund` gives back what a call was charged",
    });
  }
  const { note, workspace, category, priority, effective, expires, idempotencyKey } = options;
  await withLedger(async (ledger) => {
    const { id, balance } = await ledger.grant({
      amount,
      note,
      workspace,
      category,
      idempotencyKey,
      priority: priority === undefined ? undefined : Number(priority),
      effectiveAt: parseTime(effective, "--effective"),
      expiresAt: parseTime(expires, "--expires"),
    });
    console.log(`Granted $${formatUsd(amount)} (${id}). Available now: $${formatUsd(balance.available)}.`);
  });
}

const breakdowns = ["provider", "model", "key", "workspace", "tool", "day"] as const;

export interface BalanceOptions {
  readonly by?: string;
  readonly since?: string;
  readonly json?: boolean;
}

/** `switchyard credits balance`. */
export async function showBalance(options: BalanceOptions): Promise<void> {
  const query = { by: parseBreakdown(options.by), since: parseTime(options.since, "--since") } satisfies OverviewQuery;
  await withLedger(async ({ admin }) => {
    const [overview, budgets] = [await admin.overview(query), await admin.budgets()];
    if (options.json) return printJson({ ...overview, budgets });
    showTotals(overview);
    for (const budget of budgets) console.log(showLimit(budget));
    for (const { name, spent, calls } of overview.breakdown ?? []) {
      console.log(`  ${name.padEnd(40)} $${formatUsd(spent)}  ${calls} calls`);
    }
  });
}

function showTotals(overview: Overview): void {
  for (const name of ["granted", "available", "held", "spent", "expired"] as const)
    console.log(`${name.padEnd(10)} $${formatUsd(overview[name])}`);
  if (overview.debt > 0n) console.log(`${"debt".padEnd(10)} $${formatUsd(overview.debt)}, which the next grant pays`);
  const { perDay, emptyAt } = overview.forecast;
  if (perDay > 0n) {
    const end = emptyAt === null ? "" : `; at that rate the pool is empty at ${isoTime(emptyAt)}`;
    console.log(`${"a day".padEnd(10)} $${formatUsd(perDay)}${end}`);
  }
}

function parseBreakdown(by: string | undefined): (typeof breakdowns)[number] | undefined {
  const known = breakdowns.find((name) => name === by);
  if (by === undefined || known !== undefined) return known;
  throw new SwitchyardError("invalid_request", `--by ${by} is not a breakdown`, {
    next: `Give one of ${breakdowns.join(", ")}`,
  });
}
