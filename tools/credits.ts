import { z } from "zod";
import { isoTime } from "../src/core/clock.ts";
import { formatUsd } from "../src/core/money.ts";
import type { CreditsReport } from "../src/credits/ledger.ts";
import { defineTool } from "../src/tool.ts";

const usd = z.string();

export const creditsTool = defineTool({
  name: "credits",
  description: "The prepaid credit that calls draw on, this caller's budgets and what it spent, in US dollars.",
  input: z.strictObject({
    by: z.enum(["provider", "model", "key", "tool", "day"]).optional(),
    since: z.iso.datetime({ offset: true }).optional().describe("Count from this UTC day"),
  }),
  output: z.strictObject({
    granted: usd,
    available: usd,
    held: usd,
    spent: usd,
    expired: usd,
    limits: z.array(z.looseObject({})).describe("scope, window, limit, spent, held, resets_at"),
    forecast: z.looseObject({}),
    breakdown: z.array(z.looseObject({ name: z.string(), spent: usd })).optional(),
  }),
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  async handle({ by, since }, { gateway, caller }) {
    const report = await gateway.credits.report(caller, {
      by,
      since: since === undefined ? undefined : Date.parse(since),
    });
    return toWire(report);
  },
});

function toWire(report: CreditsReport) {
  const { granted, available, held, spent, expired, limits, forecast, breakdown } = report;
  return {
    granted: formatUsd(granted),
    available: formatUsd(available),
    held: formatUsd(held),
    spent: formatUsd(spent),
    expired: formatUsd(expired),
    limits: limits.map(({ scope, window, filter, ...limit }) => ({
      scope,
      window,
      ...(filter === undefined ? {} : { filter: { ...filter } }),
      limit: formatUsd(limit.limit),
      spent: formatUsd(limit.spent),
      held: formatUsd(limit.held),
      resets_at: timeOrNull(limit.resetsAt),
    })),
    forecast: { per_day: formatUsd(forecast.perDay), empty_at: timeOrNull(forecast.emptyAt) },
    ...(breakdown === undefined
      ? {}
      : { breakdown: breakdown.map((row) => ({ ...row, spent: formatUsd(row.spent), list: formatUsd(row.list) })) }),
  };
}

function timeOrNull(epochMs: number | null): string | null {
  return epochMs === null ? null : isoTime(epochMs);
}
