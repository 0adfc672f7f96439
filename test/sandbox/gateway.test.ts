import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Connection, openWorld, type World } from "../support/world.ts";

let world: World;
let host: Connection;
beforeAll(async () => {
  world = await openWorld();
  host = await world.connect();
});
afterAll(() => world.close());

describe("sandbox.exec in the server", () => {
  test("streams a model's answer to the program, and charges for it", async () => {
    const code = `const stream = AI.run("openai/gpt-5.4-mini", "Say something", { stream: true });
      let text = ""; let pieces = 0;
      for await (const piece of stream) if (piece.type === "text") { text += piece.text; pieces++ }
      const { output } = await stream.result; [text === output.text, pieces > 1]`;
    const { structured } = await host.call("sandbox_exec", { code });
    expect(structured).toMatchObject({ status: "ok", result: [true, true] });
    expect(Number(structured.usage.cost)).toBeGreaterThan(0);
  });
  test("keeps runs in the data directory: another process answers for them", async () => {
    const code = 'await memory.remember({ content: "the sky is green" }); 42';
    const { structured } = await host.call("sandbox_exec", { code });
    expect(structured).toMatchObject({ status: "ok", result: 42, usage: { calls: 1 } });
    await host.close();
    host = await world.connect();
    expect((await host.call("sandbox_exec", { run: structured.run })).structured).toMatchObject({ result: 42 });
    const replayed = await host.call("sandbox_exec", { replay: structured.run });
    expect(replayed.structured).toMatchObject({ status: "ok", result: 42, usage: { calls: 0 } });
    const { structured: recalled } = await host.call("memory_recall", { query: "sky" });
    expect(recalled.memories).toHaveLength(1);
  });
});
