import { describe, expect, it } from "vitest";
import { allRights, type Caller, localCaller } from "../../../src/core/caller.ts";
import { inferLimits } from "../../../src/core/limits.ts";
import type { RateLimit } from "../../../src/infer/rates/limit.ts";
import { RateGate } from "../../../src/infer/rates/rate-gate.ts";
import { steppedClock } from "../support/stepped-clock.ts";

const caller = (key: string): Caller => ({ workspace: "default", key, rights: allRights });
const call = (who: Caller, tokens = 0, model = "openai/gpt-4.1-mini") => ({
  caller: who,
  provider: model.slice(0, model.indexOf("/")),
  model,
  tokens: () => tokens,
});
const never = new AbortController().signal;
const minute = 120_000;

function gateOf(...limits: Partial<RateLimit>[]) {
  const clock = steppedClock();
  const gate = new RateGate(
    limits.map((limit) => ({ onLimit: "wait", ...limit })),
    clock,
  );
  const order: string[] = [];
  const take = (name: string, asked: ReturnType<typeof call>, signal = never) =>
    gate.take(asked, minute, signal).then((ticket) => {
      order.push(name);
      return ticket;
    });
  return { gate, clock, order, take };
}

describe("calls that wait for a rate limit", () => {
  it("go in turns by caller, each caller's oldest first, however many one has in line", async () => {
    const { clock, order, take } = gateOf({ requestsPerMinute: 1 });
    await take("first", call(caller("greedy")));
    const waiting = [
      ...["greedy 1", "greedy 2", "greedy 3"].map((name) => take(name, call(caller("greedy")))),
      ...["modest 1", "modest 2"].map((name) => take(name, call(caller("modest")))),
    ];
    for (let minutes = 0; minutes < 5; minutes += 1) await clock.step(61_000);
    await Promise.all(waiting);
    expect(order).toEqual(["first", "greedy 1", "modest 1", "greedy 2", "modest 2", "greedy 3"]);
  });

  it("are not starved by smaller ones: nobody takes what the one whose turn it is waits for", async () => {
    const { clock, order, take } = gateOf({ tokensPerMinute: 100 });
    await take("first", call(caller("a"), 60));
    const waiting = [
      take("large", call(caller("large"), 90)),
      ...[1, 2, 3, 4].map((at) => take(`small ${at}`, call(caller(`small ${at}`), 10))),
    ];
    await clock.step(1_000);
    expect(order).toEqual(["first"]);
    await clock.step(60_000);
    await clock.step(61_000);
    await Promise.all(waiting);
    expect(order.slice(0, 3)).toEqual(["first", "large", "small 1"]);
  });

  it("do not hold up those who need another limit's room", async () => {
    const { order, take } = gateOf(
      { provider: "openai", requestsPerMinute: 1 },
      { provider: "google", requestsPerMinute: 1 },
    );
    await take("openai", call(localCaller));
    const leave = new AbortController();
    const stuck = take("openai again", call(localCaller), leave.signal);
    await take("google", call(localCaller, 0, "google/gemini-2.5-flash"));
    expect(order).toEqual(["openai", "google"]);
    leave.abort();
    await expect(stuck).rejects.toMatchObject({ code: "cancelled" });
  });

  it("make room for the next when they leave", async () => {
    const { clock, order, take } = gateOf({ tokensPerMinute: 100 });
    await take("first", call(caller("a"), 50));
    const leave = new AbortController();
    const large = take("large", call(caller("b"), 90), leave.signal);
    const small = take("small", call(caller("c"), 40));
    await clock.step(0);
    expect(order).toEqual(["first"]);
    leave.abort();
    await expect(large).rejects.toMatchObject({ code: "cancelled" });
    await small;
    expect(order).toEqual(["first", "small"]);
  });

  it("go on when a call turns out to have used less", async () => {
    const { order, take } = gateOf({ tokensPerMinute: 100 });
    const ticket = await take("first", call(caller("a"), 80));
    const second = take("second", call(caller("b"), 50));
    ticket.used(10);
    await second;
    expect(order).toEqual(["first", "second"]);
  });

  it("are refused past the bound of the queue, and when the wait would not fit", async () => {
    const { gate, take } = gateOf({ requestsPerMinute: 1 });
    await take("first", call(localCaller));
    await expect(gate.take(call(localCaller), 1_000, never)).rejects.toMatchObject({
      code: "rate_limited",
      retryable: true,
      details: { retry_after_ms: expect.any(Number) },
    });
    const leave = new AbortController();
    const waiting = Array.from({ length: inferLimits.rateQueueMax }, () =>
      gate.take(call(localCaller), minute, leave.signal),
    );
    await expect(gate.take(call(localCaller), minute, never)).rejects.toMatchObject({
      code: "rate_limited",
      details: { waiting: inferLimits.rateQueueMax },
    });
    leave.abort();
    expect((await Promise.allSettled(waiting)).every(({ status }) => status === "rejected")).toBe(true);
    expect(gate.waitMs(call(localCaller))).toBeGreaterThan(1);
  });
});

describe("a limit", () => {
  it("for each key is every key's own", async () => {
    const { gate, take } = gateOf({ each: "key", requestsPerMinute: 1 });
    await take("a", call(caller("a")));
    expect(gate.waitMs(call(caller("b")))).toBe(0);
    expect(gate.waitMs(call(caller("a")))).toBeGreaterThan(0);
    expect(gate.waitMs(call({ ...caller("a"), workspace: "other" }))).toBe(0);
  });

  it("of one key, provider or prefix of models counts what matches, and nothing else", async () => {
    const { gate, take } = gateOf(
      { key: "a", requestsPerMinute: 1 },
      { key: "local", model: "openai/gpt-4*", requestsPerMinute: 1 },
    );
    await take("a", call(caller("a")));
    await take("local", call(localCaller));
    expect(gate.waitMs(call(caller("a"), 0, "google/gemini-2.5-flash"))).toBeGreaterThan(0);
    expect(gate.waitMs(call(localCaller, 0, "openai/gpt-4o"))).toBeGreaterThan(0);
    expect(gate.waitMs(call(localCaller, 0, "openai/gpt-5"))).toBe(0);
    expect(gate.waitMs(call(caller("b")))).toBe(0);
  });

  it("keeps counters for no more keys than its bound", async () => {
    const { clock, take, gate } = gateOf({ each: "key", requestsPerMinute: 1 });
    for (let at = 0; at < inferLimits.rateCountersMax; at += 1) await take(`${at}`, call(caller(`${at}`)));
    expect(gate.waitMs(call(caller("1")))).toBeGreaterThan(0);
    // None is idle: the oldest goes.
    await take("one more", call(caller("one more")));
    expect(gate.waitMs(call(caller("one more")))).toBeGreaterThan(0);
    expect(gate.waitMs(call(caller("2")))).toBeGreaterThan(0);
    expect(gate.waitMs(call(caller("0")))).toBe(0);
    await clock.step(62_000);
    expect(gate.waitMs(call(caller("2")))).toBe(0);
  });
});
