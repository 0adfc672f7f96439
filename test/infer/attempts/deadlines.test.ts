import { describe, expect, it } from "vitest";
import { models, openPipeline, tried } from "../support/pipeline.ts";

const fallbacks = [models.google];

describe("a provider's time limits", () => {
  it("let another model answer when it does not begin in time", async () => {
    const { simulator, ask } = await openPipeline({ providers: { openai: { timeouts: { first_byte_ms: 100 } } } });
    simulator.faults.script([{ provider: "openai", fault: { kind: "stall_before_headers" } }]);
    const result = await ask({ fallbacks });
    expect(tried(result)).toEqual([`${models.openai} failed`, `${models.google} succeeded`]);
    expect(result.attempts[0]?.error).toContain("within its 100 ms");
  });

  it("let another model answer when it stops before its first word", async () => {
    const { simulator, ask } = await openPipeline({ providers: { openai: { timeouts: { between_chunks_ms: 100 } } } });
    simulator.faults.script([{ provider: "openai", fault: { kind: "stall_mid_stream", afterEvents: 1 } }]);
    const result = await ask({ fallbacks });
    expect(tried(result)).toEqual([`${models.openai} failed`, `${models.google} succeeded`]);
    expect(result.attempts[0]?.error).toMatch(/^timeout: /);
  });

  it("end an answer that takes too long in all, and what there is of it is kept and paid", async () => {
    const { simulator, money, ask } = await openPipeline({
      providers: { openai: { timeouts: { total_ms: 400 } } },
    });
    simulator.faults.script([{ provider: "openai", fault: { kind: "slow_drip", chunkMs: 40 } }]);
    const result = await ask({ prompt: "say 2000 words", fallbacks });
    expect(result).toMatchObject({ status: "failed", error: { code: "timeout" } });
    expect(result.output.text?.length).toBeGreaterThan(0);
    expect(Number(result.cost.total)).toBeGreaterThan(0);
    await simulator.book.idle();
    expect(simulator.book.totals("openai").clientGone).toBe(1);
    expect(await money()).toEqual({ held: "0", spent: result.cost.total });
  });
});

describe("the time of a call", () => {
  it("ends it whatever it is doing, and says so", async () => {
    const { simulator, ask } = await openPipeline();
    simulator.faults.script([
      { provider: "openai", fault: { kind: "slow_drip", chunkMs: 30 } },
      { provider: "anthropic", fault: { kind: "stall_before_headers" } },
      { provider: "google", fault: { kind: "rate_limited", retry: "seconds", afterMs: 1_000 } },
    ]);
    const speaking = await ask({ prompt: "say 2000 words", timeout_ms: 300 });
    expect(speaking).toMatchObject({ status: "failed", error: { code: "timeout", details: { timeout_ms: 300 } } });
    expect(speaking.output.text).not.toBe("");
    const silent = await ask({ model: models.anthropic, timeout_ms: 300 });
    expect(silent).toMatchObject({ status: "failed", error: { code: "timeout" }, output: {} });
    expect(silent.attempts).toMatchObject([{ unreconciled: true }]);
    // A pause that does not fit is not begun.
    const paused = await ask({ model: models.google, timeout_ms: 300 });
    expect(paused).toMatchObject({
      status: "failed",
      error: { code: "rate_limited", details: { retry_after_ms: 1_000 } },
    });
  });
});
