import { describe, expect, it } from "vitest";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { costOf } from "../../src/catalog/cost.ts";
import { shippedRows } from "../../src/catalog/shipped.ts";
import { parseUsd } from "../../src/core/money.ts";
import type { Generation } from "../../src/infer/generation.ts";
import { isContent } from "../../src/infer/generation.ts";
import type { InferArgs } from "../../src/infer/request.ts";
import type { FaultChanceInput } from "../../src/simulator/faults/fault.ts";
import { seededRng } from "../support/hand-clock.ts";
import { fastClock, models, openPipeline } from "./support/pipeline.ts";

/** `SWITCHYARD_FAULT_SEEDS=200` runs as many. */
const seeds = Number(process.env.SWITCHYARD_FAULT_SEEDS ?? 6);
const callsPerSeed = 25;

const chances: readonly FaultChanceInput[] = [
  { fault: { kind: "overloaded" }, probability: 0.06 },
  { fault: { kind: "unavailable" }, probability: 0.06 },
  { fault: { kind: "server_error" }, probability: 0.04 },
  { fault: { kind: "rate_limited", retry: "milliseconds", afterMs: 300 }, probability: 0.06 },
  { fault: { kind: "rate_limited", retry: "none" }, probability: 0.03 },
  { fault: { kind: "quota_exhausted" }, probability: 0.02 },
  { fault: { kind: "refuse_connection" }, probability: 0.04 },
  { fault: { kind: "lose_answer" }, probability: 0.04 },
  { fault: { kind: "error_event", afterEvents: 0 }, probability: 0.04 },
  { fault: { kind: "error_event", afterEvents: 1 }, probability: 0.03 },
  { fault: { kind: "error_event", afterEvents: 7 }, probability: 0.03 },
  { fault: { kind: "cut_mid_stream", afterEvents: 0 }, probability: 0.03 },
  { fault: { kind: "cut_mid_stream", afterEvents: 3, how: "end" }, probability: 0.03 },
  { fault: { kind: "cut_mid_stream", afterEvents: 9 }, probability: 0.03 },
  { fault: { kind: "cut_before_usage" }, probability: 0.03 },
  { fault: { kind: "html", status: 200 }, probability: 0.02 },
  { fault: { kind: "html", status: 502 }, probability: 0.02 },
  { fault: { kind: "truncated_json" }, probability: 0.02 },
  { fault: { kind: "usage_twice" }, probability: 0.04 },
  { fault: { kind: "usage_early" }, probability: 0.04 },
  { fault: { kind: "split_writes", maxBytes: 9 }, probability: 0.04 },
  { fault: { kind: "wrong_content_type" }, probability: 0.02 },
];

const catalog = openCatalog(await shippedRows());
const all = Object.values(models);

/** Events after which nothing may be asked again. */
function askedAfterContent({ events }: Generation): boolean {
  const first = events.findIndex(({ event }) => !("model" in event) && isContent(event as never));
  return first >= 0 && events.slice(first).some(({ event }) => event.type === "asked");
}

describe("calls through providers that fail by chance", () => {
  it.each(Array.from({ length: seeds }, (_, at) => at + 1))(
    "keep every promise with seed %i",
    async (seed) => {
      const rng = seededRng(seed);
      const pick = <T>(list: readonly T[]): T => list[Math.floor(rng.fraction() * list.length)] as T;
      const { simulator, start, money } = await openPipeline({ clock: fastClock() });
      simulator.faults.chance(chances, seed);
      let total = 0n;
      for (let at = 0; at < callsPerSeed; at += 1) {
        simulator.book.clear();
        const order = [...all].sort(() => rng.fraction() - 0.5);
        const args: Partial<InferArgs> = {
          model: pick(order),
          fallbacks: order.slice(0, Math.floor(rng.fraction() * 3)),
          prompt: `say ${1 + Math.floor(rng.fraction() * 60)} words`,
        };
        const generation = await start(args);
        if (rng.fraction() < 0.15) setTimeout(() => generation.cancel(), rng.fraction() * 8);
        const result = await generation.done;
        await simulator.book.idle();
        const context = JSON.stringify({ seed, at, args, result });

        expect(askedAfterContent(generation), context).toBe(false);
        const asked = result.attempts.filter(({ outcome }) => outcome !== "skipped");
        const { entries } = simulator.book;
        // A call that was cancelled may have been so before its bytes left.
        if (result.status !== "cancelled") expect(entries.length, context).toBe(asked.length);
        expect(asked.length, context).toBeLessThanOrEqual(3 * all.length);
        // What was charged is what the provider's own book says, or flagged as not known.
        for (const [index, entry] of entries.entries()) {
          const attempt = asked[index];
          const card = catalog.resolve(attempt?.model ?? "");
          expect(card.nativeId, context).toBe(entry.model);
          if (attempt?.unreconciled) continue;
          expect(parseUsd(attempt?.cost ?? "0"), context).toBe(costOf(card, entry.billed) ?? 0n);
        }
        // An answer that is there was paid, and one that was paid for is there.
        const sum = result.attempts.reduce((cost, attempt) => cost + parseUsd(attempt.cost), 0n);
        expect(parseUsd(result.cost.total), context).toBe(sum);
        if (result.status === "succeeded") expect(result.output.text, context).not.toBe("");
        total += sum;
        expect(await money(), context).toMatchObject({ held: "0" });
        expect(parseUsd((await money()).spent), context).toBe(total);
      }
    },
    120_000,
  );
});
