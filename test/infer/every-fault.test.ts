import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { FaultInput } from "../../src/simulator/faults/fault.ts";
import { checkCall } from "./support/check-call.ts";
import { fastClock, models, openPipeline } from "./support/pipeline.ts";

const providers = Object.keys(models) as (keyof typeof models)[];

afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(providers)("an answer of %s", (provider) => {
  it.each(["close", "end"] as const)(
    "that is cut at any of its events (%s) is kept and paid as far as it came",
    async (how) => {
      const { simulator, start, money } = await openPipeline({ clock: fastClock() });
      let [total, whole] = [0n, 0];
      for (let afterEvents = 0; afterEvents < 14; afterEvents += 1) {
        simulator.book.clear();
        simulator.faults.clear();
        simulator.faults.script([{ fault: { kind: "cut_mid_stream", afterEvents, how } }]);
        const generation = await start({ model: models[provider], prompt: "say 6 words" });
        const result = await generation.done;
        total += await checkCall(simulator, generation, JSON.stringify({ afterEvents, result }));
        if (result.status === "succeeded") whole += 1;
        else expect(result.output.text ?? result.error?.message).not.toBe("");
      }
      // What was cut before its first word was asked for again.
      expect(whole).toBeGreaterThan(0);
      expect(await money()).toMatchObject({ held: "0" });
      expect(total).toBeGreaterThan(0n);
    },
  );

  it.each<FaultInput>([
    { kind: "stall_before_headers" },
    { kind: "stall_mid_stream", afterEvents: 0 },
    { kind: "stall_mid_stream", afterEvents: 6 },
    { kind: "slow_drip", chunkMs: 2 },
    { kind: "wrong_content_type" },
    { kind: "usage_twice" },
    { kind: "usage_early" },
    { kind: "error_with_200" },
    { kind: "invalid_utf8" },
    { kind: "truncated_json" },
  ])("that goes wrong by $kind keeps every promise", async (fault) => {
    // Long enough for a busy machine to have the request arrive.
    const patienceMs = fault.kind.startsWith("stall") ? 500 : 20_000;
    const timeouts = { first_byte_ms: patienceMs, between_chunks_ms: patienceMs };
    const { simulator, start, money } = await openPipeline({ providers: { [provider]: { timeouts } } });
    simulator.faults.script([{ fault }]);
    const generation = await start({ model: models[provider], prompt: "say 20 words", timeout_ms: 20_000 });
    await checkCall(simulator, generation, JSON.stringify({ fault, result: await generation.done }));
    expect((await money()).held).toBe("0");
  });
});

describe("a provider whose name leads nowhere", () => {
  it("gives way to the next, and was never charged", async () => {
    const { ask, gateway } = await openPipeline({
      clock: fastClock(),
      providers: { openai: { base_url: "http://provider.invalid" } },
    });
    const result = await ask({ model: models.openai, fallbacks: [models.anthropic] });
    expect(result).toMatchObject({ status: "succeeded", model: models.anthropic });
    expect(result.attempts[0]).toMatchObject({
      outcome: "failed",
      error: expect.stringContaining("network"),
      cost: "0",
    });
    expect(result.attempts.some(({ unreconciled }) => unreconciled)).toBe(false);
    expect(await gateway.credits.admin.unreconciled()).toEqual([]);
  });
});

describe("calls that fail in every way", () => {
  const faults: readonly FaultInput[] = [
    { kind: "overloaded" },
    { kind: "cut_mid_stream", afterEvents: 4 },
    { kind: "error_event", afterEvents: 1 },
    { kind: "lose_answer" },
    { kind: "none" },
    { kind: "none" },
  ];

  it("leave no timer, no socket and no memory behind", async () => {
    const outstanding = new Set<unknown>();
    const { setInterval: set, clearInterval: clear } = globalThis;
    vi.spyOn(globalThis, "setInterval").mockImplementation(((...given: Parameters<typeof set>) => {
      const timer = set(...given);
      outstanding.add(timer);
      return timer;
    }) as typeof set);
    vi.spyOn(globalThis, "clearInterval").mockImplementation((timer) => {
      outstanding.delete(timer);
      clear(timer);
    });
    const before = outstanding.size;
    const { simulator, start, gateway } = await openPipeline({ clock: fastClock() });
    const opened = outstanding.size;
    const calls = async (count: number) => {
      for (let at = 0; at < count; at += 1) {
        simulator.faults.clear();
        const fault = faults[at % faults.length];
        if (fault) simulator.faults.script([{ fault }]);
        const generation = await start({ prompt: "say 10 words", fallbacks: [models.anthropic] });
        if (at % 7 === 0) generation.cancel();
        await generation.done;
        if (at % 20 === 0) simulator.book.clear();
      }
    };
    // Finished ones are kept up to a bound, which is reached first.
    await calls(280);
    const heap = heapUsed();
    await calls(200);
    expect(outstanding.size).toBe(opened);
    expect(heapUsed() - heap).toBeLessThan(200 * 20_000);
    await simulator.book.idle();
    await gateway.close();
    expect(outstanding.size).toBe(before);
  }, 60_000);
});

/** After everything that can go has gone. */
function heapUsed(): number {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  gc();
  gc();
  return process.memoryUsage().heapUsed;
}
