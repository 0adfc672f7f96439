import { describe, expect, it } from "vitest";
import type { Message } from "../../src/providers/shapes/message.ts";
import { fastClock, openPipeline } from "./support/pipeline.ts";

const system = "You are a patient assistant. ".repeat(400);
const tools = ["look", "find"].map((name) => ({
  name,
  description: `Use it to ${name}`,
  parameters: { type: "object", properties: { zebra: { type: "string" }, apple: { type: "string" } } },
}));

/** What a provider caches: its part of the body that does not change when a conversation goes on. */
interface Prompt {
  readonly fixed: string;
  readonly turns: readonly string[];
}

/** Anthropic caches where it is asked to: writing its cache costs a quarter more. */
const provider_options = { anthropic: { cache_control: { type: "ephemeral" } } };

function promptOf(body: unknown): Prompt {
  const { tools, system, systemInstruction, instructions, messages, input, contents } = body as Record<string, unknown>;
  const turns = (messages ?? input ?? contents) as unknown[];
  return {
    fixed: JSON.stringify([tools, system, systemInstruction, instructions]),
    turns: turns.map((turn) => JSON.stringify(turn)),
  };
}

describe.each([
  ["openai", "openai/gpt-4.1-mini"],
  ["openai", "openai/gpt-5.4-mini"],
  ["anthropic", "anthropic/claude-sonnet-4-6"],
  ["google", "google/gemini-3.5-flash"],
] as const)("a conversation with %s that goes on", (provider, model) => {
  it(`sends the bytes of its beginning as they were, so that ${model} finds them in its cache`, async () => {
    const { simulator, ask } = await openPipeline({ clock: fastClock(), settings: { initial_grant: "1" } });
    const messages: Message[] = [{ role: "user", content: 'call look {"zebra":"1","apple":"2"} then say something' }];
    const prompts: Prompt[] = [];
    let cached = 0;
    for (let turn = 0; turn < 4; turn += 1) {
      if (turn === 2) simulator.faults.script([{ provider, fault: { kind: "overloaded" } }]);
      const result = await ask({ model, system, tools, messages: [...messages], provider_options });
      expect(result.error).toBeUndefined();
      prompts.push(promptOf(simulator.book.bodies(provider).at(-1)));
      cached = Math.max(cached, result.usage?.cached_input_tokens ?? 0);
      const call = result.output.tool_calls?.[0];
      if (result.message) messages.push(result.message);
      messages.push(
        call
          ? { role: "tool", tool_call_id: call.id, content: "found" }
          : { role: "user", content: `And then, after ${turn}?` },
      );
    }
    for (const [at, { fixed, turns }] of prompts.entries()) {
      const before = prompts[at - 1];
      if (!before) continue;
      expect(fixed).toBe(before.fixed);
      expect(turns.length).toBeGreaterThan(before.turns.length);
      expect(turns.slice(0, before.turns.length)).toEqual(before.turns);
    }
    expect(prompts[0]?.fixed).toContain('"zebra":{"type":"string"},"apple"');
    expect(cached).toBeGreaterThan(0);
  });
});
