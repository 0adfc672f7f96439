import { localCaller } from "../core/caller.ts";
import { SwitchyardError } from "../core/errors.ts";
import { formatUsd, parseUsd } from "../core/money.ts";
import { openContext } from "./context.ts";

/** `switchyard credits grant 25`. */
export async function grantCredits(dollars: string, options: { note?: string }): Promise<void> {
  const amount = parseUsd(dollars.replace(/^\$/, ""), "the grant");
  if (amount <= 0n) {
    throw new SwitchyardError("invalid_request", `a grant of ${dollars} adds nothing`, {
      next: "Give a positive amount; `switchyard credits refund` takes back",
    });
  }
  const context = openContext();
  const gateway = await context.gateway();
  const { id, balance } = await gateway.credits.grant({
    amount,
    ...(options.note === undefined ? {} : { note: options.note }),
  });
  console.log(`Granted $${formatUsd(amount)} (${id}). Available now: $${formatUsd(balance.available)}.`);
  await context.close();
}

const breakdowns = ["provider", "model", "key", "tool", "day"] as const;

/** `switchyard credits balance`. */
export async function showBalance(options: { by?: string; json?: boolean }): Promise<void> {
  const by = breakdowns.find((name) => name === options.by);
  if (options.by !== undefined && by === undefined) {
    throw new SwitchyardError("invalid_request", `--by ${options.by} is not a breakdown`, {
      next: `Give one of ${breakdowns.join(", ")}`,
    });
  }
  const context = openContext();
  const gateway = await context.gateway();
  const report = await gateway.credits.report(localCaller, by === undefined ? {} : { by });
  if (options.json)
    console.log(
      JSON.stringify(report, (_key, value: unknown) => (typeof value === "bigint" ? formatUsd(value) : value), 2),
    );
  else {
    for (const name of ["granted", "available", "held", "spent", "expired"] as const)
      console.log(`${name.padEnd(10)} $${formatUsd(report[name])}`);
    for (const line of report.breakdown ?? [])
      console.log(`  ${line.name.padEnd(40)} $${formatUsd(line.spent)}  ${line.calls} calls`);
  }
  await context.close();
}
