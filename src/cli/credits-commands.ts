import type { Command } from "commander";
import type { BudgetOptions } from "./budgets.ts";
import type { BalanceOptions, GrantOptions } from "./credits.ts";
import type { HistoryOptions } from "./credits-history.ts";

/** `switchyard credits …`: everything that the owner of the pool does with it, and no agent's tool can. */
export function creditsCommands(root: Command): void {
  const command = root.command("credits").description("the prepaid pool");
  command
    .command("grant <dollars>")
    .description("add US dollars to the pool")
    .option("--note <text>", "why, for the history")
    .option("--workspace <name>", "only this workspace may spend it")
    .option("--category <name>", "promotional is spent before what is paid")
    .option("--priority <number>", "0 to 100; lower is spent first (50)")
    .option("--effective <time>", "when it begins to count")
    .option("--expires <time>", "when what is left of it is gone")
    .option("--idempotency-key <key>", "the same key grants once")
    .action(async (dollars: string, options: GrantOptions) => {
      const { grantCredits } = await import("./credits.ts");
      await grantCredits(dollars, options);
    });
  command
    .command("balance", { isDefault: true })
    .description("what was granted, is available, is held and was spent, and the budgets")
    .option("--by <what>", "break spending down by provider, model, key, workspace, tool or day")
    .option("--since <time>", "count from this UTC day")
    .option("--json", "print JSON")
    .action(async (options: BalanceOptions) => {
      const { showBalance } = await import("./credits.ts");
      await showBalance(options);
    });
  historyCommands(command);
  budgetCommands(command);
}

function historyCommands(command: Command): void {
  command
    .command("history")
    .description("movements of money, newest first")
    .option("--call <id>", "only those of one call (gen_…)")
    .option("--limit <number>", "how many", "50")
    .option("--cursor <number>", "go on where the last page ended")
    .option("--json", "print JSON")
    .action(async (options: HistoryOptions) => {
      const { showHistory } = await import("./credits-history.ts");
      await showHistory(options);
    });
  command
    .command("export [file]")
    .description("the whole journal as CSV")
    .option("--csv", "as CSV, which it always is")
    .action(async (file: string | undefined) => {
      const { exportHistory } = await import("./credits-history.ts");
      await exportHistory(file);
    });
  command
    .command("refund <call> [dollars]")
    .description("give back what a call (gen_…) was charged, or a part of it")
    .action(async (call: string, dollars: string | undefined) => {
      const { refundCall } = await import("./credits-history.ts");
      await refundCall(call, dollars);
    });
  command
    .command("unreconciled")
    .description("calls that were charged by a guess")
    .option("--json", "print JSON")
    .action(async (options: { json?: boolean }) => {
      const { showUnreconciled } = await import("./credits-history.ts");
      await showUnreconciled(options);
    });
  command
    .command("reconcile <call> <dollars>")
    .description("replace a guess by what the call cost")
    .action(async (call: string, dollars: string) => {
      const { reconcileCall } = await import("./credits-history.ts");
      await reconcileCall(call, dollars);
    });
}

function budgetCommands(command: Command): void {
  const budgets = command.command("budgets").description("limits of the pool, of workspaces and of keys");
  budgets
    .command("list", { isDefault: true })
    .description("list budgets and what counts against them")
    .option("--json", "print JSON")
    .action(async (options: { json?: boolean }) => {
      const { listBudgets } = await import("./budgets.ts");
      await listBudgets(options);
    });
  withFilter(budgets.command("set <scope>"))
    .description("set the budget of pool, workspace:<name> or key:<id>")
    .requiredOption("--limit <dollars>", "what may be spent in the window")
    .action(async (scope: string, options: BudgetOptions & { limit: string }) => {
      const { setBudget } = await import("./budgets.ts");
      await setBudget(scope, options);
    });
  withFilter(budgets.command("remove <scope>"))
    .description("remove a budget")
    .action(async (scope: string, options: BudgetOptions) => {
      const { removeBudget } = await import("./budgets.ts");
      await removeBudget(scope, options);
    });
}

function withFilter(command: Command): Command {
  return command
    .option("--window <window>", "total, day, month, or hours that roll such as 5h", "total")
    .option("--provider <name>", "count only this provider")
    .option("--model <id>", "count only this model; * at the end matches the rest")
    .option("--tool <name>", "count only this tool")
    .option("--metadata <name=value...>", "count only calls with this metadata");
}
