import { describe, expect, it } from "vitest";
import { inferLimits } from "../../../src/core/limits.ts";
import type { Generation } from "../../../src/infer/generation.ts";
import { models, openPipeline, type PipelineOptions } from "../support/pipeline.ts";

const words = 60;
const asked = { model: models.openai, prompt: `say ${words} words` };

async function firstWord(generation: Generation): Promise<void> {
  for await (const { event } of generation.read()) if (event.type === "text") return;
}

async function cancelledAtFirstWord(onCancel: "stop" | "drain", more: PipelineOptions = {}) {
  const pipeline = await openPipeline({ ...more, providers: { openai: { on_cancel: onCancel } } });
  pipeline.simulator.latency.set({ chunkMs: 5 }, "openai");
  const generation = await pipeline.start(asked);
  await firstWord(generation);
  generation.cancel();
  return { ...pipeline, generation };
}

describe("a caller who goes away in the middle of an answer", () => {
  it("stops the provider, and pays for what was delivered", async () => {
    const { simulator, generation } = await cancelledAtFirstWord("stop");
    const result = await generation.done;
    await simulator.book.idle();
    expect(result).toMatchObject({ status: "cancelled", error: { code: "cancelled" }, usage: { estimated: true } });
    expect(simulator.book.totals()).toMatchObject({ clientGone: 1, succeeded: 0 });
    expect(simulator.book.totals().billed.outputTokens).toBeLessThan(words);
  });

  it("gets nothing more of a provider that charges for it all, whose answer is read on to learn what it costs", async () => {
    const { simulator, money, generation } = await cancelledAtFirstWord("drain");
    const events = generation.events.length;
    const result = await generation.done;
    expect(simulator.book.totals()).toMatchObject({ clientGone: 0, succeeded: 1 });
    const { billed } = simulator.book.totals();
    expect(result).toMatchObject({ status: "cancelled", usage: { output_tokens: billed.outputTokens } });
    expect(result.usage?.estimated).toBeUndefined();
    expect(result.attempts[0]?.unreconciled).toBeUndefined();
    expect(result.output.text?.length).toBeLessThan(100);
    // One more says that the attempt has ended.
    expect(generation.events.length).toBe(events + 1);
    expect(await money()).toEqual({ held: "0", spent: result.cost.total });
  });

  it("is not read on for when the process is about to end", async () => {
    const { simulator, gateway, generation } = await cancelledAtFirstWord("drain");
    await gateway.close();
    expect((await generation.done).status).toBe("cancelled");
    await simulator.book.idle();
    expect(simulator.book.totals().succeeded).toBe(0);
  });

  it("is read on for only so many at a time", async () => {
    const { simulator, start } = await openPipeline({ providers: { openai: { on_cancel: "drain" } } });
    simulator.latency.set({ chunkMs: 20 }, "openai");
    const calls = inferLimits.drainsMax + 3;
    const generations = await Promise.all(
      Array.from({ length: calls }, () => start({ ...asked, params: { max_output_tokens: 200 } })),
    );
    await Promise.all(generations.map(firstWord));
    for (const generation of generations) generation.cancel();
    await Promise.all(generations.map(({ done }) => done));
    await simulator.book.idle();
    expect(simulator.book.totals()).toMatchObject({ succeeded: inferLimits.drainsMax, clientGone: 3 });
  });
});
