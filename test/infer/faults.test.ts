import { describe, expect, it } from "vitest";
import { parseUsd } from "../../src/core/money.ts";
import type { InferArgs } from "../../src/infer/request.ts";
import type { FaultChanceInput } from "../../src/simulator/faults/fault.ts";
import { seededRng } from "../support/hand-clock.ts";
import { checkCall } from "./support/check-call.ts";
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

const all = Object.values(models);

describe("calls through providers that fail by chance", () => {
  it.each(Array.from({ length: seeds }, (_, at) => at + 1))(
    "keep every promise with seed %i",
    async (seed) => {
      const rng = seededRng(seed);
      const pick = <T>(list: readonly T[]): T => list[Math.floor(rng.fraction() * list.length)] as T;
      const clock = fastClock();
      const { simulator, start, money } = await openPipeline({ clock });
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
        // A reader that stops, and a clock that somebody sets.
        void generation.read().next();
        if (rng.fraction() < 0.2) clock.jump(Math.round((rng.fraction() - 0.5) * 48 * 3_600_000));
        if (rng.fraction() < 0.15) setTimeout(() => generation.cancel(), rng.fraction() * 8);
        const result = await generation.done;
        const context = JSON.stringify({ seed, at, args, result });
        const sum = await checkCall(simulator, generation, context);
        const asked = result.attempts.filter(({ outcome }) => outcome !== "skipped");
        expect(asked.length, context).toBeLessThanOrEqual(3 * all.length);
        total += sum;
        expect(await money(), context).toMatchObject({ held: "0" });
        expect(parseUsd((await money()).spent), context).toBe(total);
      }
    },
    120_000,
  );
});
