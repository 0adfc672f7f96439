import { describe, expect, it } from "vitest";
import { localCaller } from "../../src/core/caller.ts";
import { inferLimits } from "../../src/core/limits.ts";
import { openPipeline } from "./support/pipeline.ts";

describe("a finished answer", () => {
  it("stays in memory while it is small, and is read from the disk when it is large", async () => {
    const { start, gateway } = await openPipeline();
    const small = await start({ prompt: "say 20 words" });
    await small.done;
    expect(gateway.infer.find(small.id, localCaller)).toBe(small);
    const large = await start({
      model: "openai/text-embedding-3-small",
      params: { input: Array.from({ length: 20 }, (_, at) => `text ${at}`) },
    });
    const { output } = await large.done;
    const numbers = (output.embeddings ?? []).flat().length;
    expect(numbers * 4).toBeGreaterThan(inferLimits.generationInMemoryCharactersMax);
    const again = gateway.infer.find(large.id, localCaller);
    expect(again).not.toBe(large);
    expect((await again.done).output).toEqual(output);
  });
});
