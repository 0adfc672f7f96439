import { describe, expect, it } from "vitest";
import { orderFor } from "../../../src/infer/attempts/candidate.ts";
import { fastClock, models, openPipeline, type PipelineOptions, tried } from "../support/pipeline.ts";

const [first, second] = ["sk-test-first-not-a-secret", "sk-test-second-not-a-secret"] as const;
/** Two keys of which the first is used for nearly everything. */
const twoKeys: PipelineOptions = {
  simulator: { apiKeys: { openai: [first, second] } },
  providers: {
    openai: {
      key: undefined,
      keys: [
        { name: "first", key: first, weight: 1_000 },
        { name: "second", key: second, weight: 0.000_001 },
      ],
    },
  },
};

describe("several keys of one provider", () => {
  it.each([
    ["rate_limited", { kind: "rate_limited", retry: "seconds", afterMs: 30_000 }],
    ["refused", { kind: "invalid_key" }],
    ["used up", { kind: "quota_exhausted" }],
  ] as const)(
    "stand in for one another: a key that is %s gives way to the next before another model",
    async (_, fault) => {
      const { simulator, ask } = await openPipeline(twoKeys);
      simulator.faults.script([{ key: first, fault }]);
      const call = () => ask({ model: models.openai, fallbacks: [models.google] });
      const result = await call();
      expect(tried(result)).toEqual([`${models.openai} first failed`, `${models.openai} second succeeded`]);
      // The first one rests: the next call does not try it again.
      expect(tried(await call())).toEqual([`${models.openai} second succeeded`]);
    },
  );

  it("are all tried before the next model, and none twice", async () => {
    const { simulator, ask } = await openPipeline(twoKeys);
    simulator.faults.chance([{ provider: "openai", fault: { kind: "quota_exhausted" }, probability: 1 }], 1);
    const result = await ask({ model: models.openai, fallbacks: [models.google] });
    expect(tried(result)).toEqual([
      `${models.openai} first failed`,
      `${models.openai} second failed`,
      `${models.google} succeeded`,
    ]);
  });

  it("come back into use when their rest is over", async () => {
    const clock = fastClock();
    const { simulator, ask } = await openPipeline({ ...twoKeys, clock });
    simulator.faults.script([{ key: first, fault: { kind: "rate_limited", retry: "seconds", afterMs: 30_000 } }]);
    await ask({ model: models.openai });
    clock.advance(31_000);
    expect(tried(await ask({ model: models.openai }))).toEqual([`${models.openai} first succeeded`]);
  });

  it("do not multiply what a rate-limited provider is sent without end", async () => {
    const { simulator, ask } = await openPipeline({ ...twoKeys, clock: fastClock() });
    simulator.faults.chance(
      [{ provider: "openai", fault: { kind: "rate_limited", retry: "none" }, probability: 1 }],
      1,
    );
    const result = await ask({ model: models.openai });
    expect(result.error).toMatchObject({ code: "rate_limited", retryable: true });
    expect(simulator.book.totals("openai").requests).toBe(4);
  });

  it("never appear in a result, only their names", async () => {
    const { simulator, ask } = await openPipeline({
      ...twoKeys,
      providers: { openai: { key: undefined, keys: [{ key: "wrong-key-nobody-may-see" }, { key: second }] } },
    });
    const failing = await ask({ model: models.openai });
    simulator.faults.chance([{ provider: "openai", fault: { kind: "invalid_key" }, probability: 1 }], 1);
    const failed = await ask({ model: models.openai });
    for (const text of [JSON.stringify(failing), JSON.stringify(failed)]) {
      expect(text).not.toContain("wrong-key-nobody-may-see");
      expect(text).not.toContain(second);
      expect(text).toMatch(/"key":"#[12]"/);
    }
  });

  it("are used by weight over many conversations, and one conversation keeps to one key", () => {
    const keys = [
      { name: "a", weight: 3 },
      { name: "b", weight: 1 },
    ];
    const draws = Array.from({ length: 4_000 }, (_, at) => orderFor(() => `conversation ${at}`, keys)[0]?.name);
    const share = draws.filter((name) => name === "a").length / draws.length;
    expect(share).toBeGreaterThan(0.72);
    expect(share).toBeLessThan(0.78);
    expect(orderFor(() => "conversation 7", [...keys].reverse())[0]).toBe(orderFor(() => "conversation 7", keys)[0]);
  });

  it("are the same for every turn of a conversation", async () => {
    const keys = Array.from({ length: 8 }, (_, at) => `sk-test-key-${at}-not-a-secret`);
    const { ask } = await openPipeline({
      simulator: { apiKeys: { openai: keys } },
      providers: { openai: { key: undefined, keys: keys.map((key) => ({ key })) } },
    });
    const messages = [{ role: "user" as const, content: "Hello" }];
    const used = new Set<string | undefined>();
    for (let turn = 0; turn < 3; turn += 1) {
      const { message, attempts } = await ask({ model: models.openai, messages: [...messages] });
      used.add(attempts[0]?.key);
      if (message) messages.push(message as never, { role: "user", content: `And then, ${turn}?` });
    }
    expect(used.size).toBe(1);
  });
});
