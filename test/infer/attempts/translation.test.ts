import { describe, expect, it } from "vitest";
import type { Message } from "../../../src/providers/shapes/message.ts";
import { fastClock, openPipeline } from "../support/pipeline.ts";

const chain = ["openai/gpt-5.4-mini", "anthropic/claude-sonnet-4-6", "google/gemini-3.5-flash"] as const;
const tools = ["first", "second", "third"].map((name) => ({
  name,
  description: `The ${name} step`,
  parameters: { type: "object", properties: { step: { type: "integer" } }, required: ["step"] },
}));

describe("a tool loop that begins with one provider", () => {
  it("goes on with the next when that one is down, and with a third, reasoning and signatures and all", async () => {
    const { simulator, ask } = await openPipeline({ clock: fastClock() });
    const messages: Message[] = [
      {
        role: "user",
        content: 'think, then call first {"step":1} then call second {"step":2} then call third {"step":3}',
      },
    ];
    const down: string[] = [];
    for (const [round, model] of chain.entries()) {
      simulator.faults.chance(
        down.map((provider) => ({ provider, fault: { kind: "unavailable" as const }, probability: 1 })),
        1,
      );
      const result = await ask({
        model: chain[0],
        fallbacks: [...chain.slice(1)],
        messages,
        tools,
        params: { reasoning_effort: "low", max_output_tokens: 4_000 },
      });
      expect(result.error).toBeUndefined();
      expect(result).toMatchObject({ status: "succeeded", model, finish_reason: "tool_calls" });
      expect(result.output.tool_calls).toMatchObject([{ name: tools[round]?.name, arguments: { step: round + 1 } }]);
      const call = result.output.tool_calls?.[0];
      if (!call || !result.message) throw new Error("there is no call");
      messages.push(result.message, { role: "tool", tool_call_id: call.id, content: `done ${round + 1}` });
      down.push(result.provider);
    }
    // Back to the first: it is shown what the two others did, and its own reasoning again.
    simulator.faults.clear();
    const last = await ask({
      model: chain[1],
      messages,
      tools,
      params: { reasoning_effort: "low", max_output_tokens: 4_000 },
    });
    expect(last).toMatchObject({ status: "succeeded", model: chain[1], finish_reason: "stop" });
    const again = await ask({ model: chain[0], messages, tools, params: { reasoning_effort: "low" } });
    expect(again.error).toBeUndefined();
    const sent = JSON.stringify(simulator.book.bodies("openai").at(-1));
    expect(sent).toContain("encrypted_content");
    for (const done of ["done 1", "done 2", "done 3"]) expect(sent).toContain(done);
  });
});
