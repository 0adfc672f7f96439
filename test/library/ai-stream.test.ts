import { describe, expect, it } from "vitest";
import { aiStream } from "../../src/ai-stream.ts";
import { inferLimits } from "../../src/core/limits.ts";
import { Generation } from "../../src/infer/generation.ts";
import type { InferResult } from "../../src/infer/result.ts";
import { models, openPipeline } from "../infer/support/pipeline.ts";

const result: InferResult = {
  id: "gen_1",
  status: "succeeded",
  model: "openai/m",
  provider: "openai",
  output: {},
  cost: { total: "0", list: "0" },
  attempts: [],
  cached: false,
  warnings: [],
};

describe("an answer as it is written", () => {
  it("comes in pieces that make up the whole, and its result after", async () => {
    const { start, simulator } = await openPipeline();
    simulator.latency.set({ chunkMs: 1 });
    const stream = aiStream(await start({ prompt: "say 40 words" }), false);
    let [text, pieces] = ["", 0];
    for await (const chunk of stream) {
      if (chunk.type === "text") text += chunk.text;
      pieces += 1;
    }
    expect(pieces).toBeGreaterThan(5);
    const { output, status, id } = await stream.result();
    expect({ status, text, id }).toEqual({ status: "succeeded", text: output.text, id: stream.id });
  });

  it("waits for a slow reader in one piece, which is bounded", async () => {
    const generation = new Generation("gen_1", 0);
    const stream = aiStream(generation, false)[Symbol.asyncIterator]();
    generation.append({ type: "asked", model: "openai/m" }, { type: "text", text: "first" });
    expect(await stream.next()).toMatchObject({ value: { type: "text", text: "first" } });
    const text = "x".repeat(100);
    const count = Math.ceil((2 * inferLimits.streamChunkCharactersMax) / 100);
    for (let at = 0; at < count; at += 1) generation.append({ type: "text", text });
    generation.append({ type: "reasoning", text: "hm" }, { type: "text", text: "last" });
    generation.finish(result);
    const rest: string[] = [];
    for (let next = await stream.next(); !next.done; next = await stream.next()) {
      if ("text" in next.value) rest.push(next.value.text);
    }
    expect(rest.slice(-2)).toEqual(["hm", "last"]);
    expect(rest.slice(0, -2).join("") === text.repeat(count)).toBe(true);
    expect(rest.length).toBeLessThanOrEqual(5);
    for (const piece of rest) expect(piece.length).toBeLessThan(inferLimits.streamChunkCharactersMax + 100);
  });

  it("can be read by several, each from its beginning and at its own pace", async () => {
    const { start } = await openPipeline();
    const stream = aiStream(await start({ prompt: "say 30 words" }), false);
    const read = async () => {
      let text = "";
      for await (const chunk of stream) if (chunk.type === "text") text += chunk.text;
      return text;
    };
    const [one, other] = await Promise.all([read(), read()]);
    expect(one).toBe(other);
    expect(await read()).toBe(one);
  });

  it("is stopped by a reader who leaves, and paid as far as it was delivered", async () => {
    const { start, simulator, money } = await openPipeline();
    simulator.latency.set({ chunkMs: 5 });
    const stream = aiStream(await start({ model: models.openai, prompt: "say 3000 words" }), false);
    for await (const chunk of stream) if (chunk.type === "text") break;
    await expect(stream.result()).rejects.toMatchObject({ code: "cancelled" });
    await simulator.book.idle();
    expect(simulator.book.entries).toMatchObject([{ outcome: "client_gone" }]);
    expect((await money()).held).toBe("0");
  });

  it("goes on without a reader where it is to be kept", async () => {
    const { start, simulator } = await openPipeline();
    simulator.latency.set({ chunkMs: 1 });
    const stream = aiStream(await start({ prompt: "say 100 words", idempotency_key: "order-1" }), true);
    for await (const chunk of stream) if (chunk.type === "text") break;
    expect((await stream.result()).output.text?.split(" ")).toHaveLength(102);
  });

  it("ends its loop with the error of a call that failed, after what was delivered", async () => {
    const { start, simulator } = await openPipeline();
    simulator.faults.script([{ fault: { kind: "cut_mid_stream", afterEvents: 6 } }]);
    const stream = aiStream(await start({ prompt: "say 60 words" }), false);
    let text = "";
    const loop = async () => {
      for await (const chunk of stream) if (chunk.type === "text") text += chunk.text;
    };
    await expect(loop()).rejects.toMatchObject({ code: "provider_unavailable" });
    expect(text).not.toBe("");
  });
});
