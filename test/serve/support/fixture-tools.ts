import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { allRights, type Caller } from "../../../src/core/caller.ts";
import { SwitchyardError } from "../../../src/core/errors.ts";
import type { Gateway } from "../../../src/gateway.ts";
import { defineTool, type Tool } from "../../../src/tool.ts";

export const testCaller: Caller = { workspace: "default", key: "key_test", rights: allRights };

/** Everything a transport can do to a call, as tools. */
export const fixtureTools: readonly Tool[] = [
  defineTool({
    name: "test.echo",
    description: "Gives back what it was given.",
    input: z.strictObject({ text: z.string(), times: z.number().int().min(1).max(9).optional() }),
    output: z.object({ text: z.string(), caller: z.string().nullable() }),
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    handle: async ({ text, times = 1 }, { caller }) => ({ text: text.repeat(times), caller: caller.key }),
  }),
  defineTool({
    name: "test.long",
    description: "Answers with a text of the asked length and a list of the asked length.",
    input: z.strictObject({
      characters: z.number().int(),
      items: z.number().int().optional(),
      cursor: z.string().optional(),
    }),
    output: z.object({
      id: z.string(),
      text: z.string(),
      items: z.array(z.object({ n: z.number(), name: z.string() })),
    }),
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    handle: async ({ characters, items = 0 }) => ({
      id: "gen_1",
      text: "x".repeat(characters),
      items: Array.from({ length: items }, (_, n) => ({ n, name: `item ${n}` })),
    }),
  }),
  defineTool({
    name: "test.fail",
    description: "Fails, as expected or not.",
    input: z.strictObject({ how: z.enum(["expected", "unexpected", "not_json"]) }),
    output: z.object({ never: z.string() }),
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    async handle({ how }) {
      if (how === "expected") {
        throw new SwitchyardError("insufficient_credits", "the pool has $0.5 and the call may cost $2", {
          next: "Grant credits with `switchyard credits grant 25`, or lower max_output_tokens",
          details: { available: "0.5", needed: "2" },
        });
      }
      if (how === "not_json") return { never: 1n as unknown as string };
      throw new Error("secret path /home/user/.key");
    },
  }),
  defineTool({
    name: "test.wait",
    description: "Reports progress until it is cancelled.",
    input: z.strictObject({ steps: z.number().int().optional() }),
    output: z.object({ steps: z.number() }),
    annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: false, openWorldHint: true },
    async handle({ steps }, { signal, onProgress }) {
      for (let step = 1; steps === undefined || step <= steps; step += 1) {
        onProgress?.({ progress: step, message: `step ${step}` });
        await sleep(20, undefined, { signal }).catch((error: unknown) => {
          events.push("aborted");
          throw error;
        });
      }
      return { steps: steps ?? 0 };
    },
  }),
];

/** What the fixture tools and gateways saw, for tests that run them in their own process. */
export const events: string[] = [];

export function testGateway(): Gateway {
  events.push("opened");
  // The fixture tools use nothing of it.
  return {
    memory: { resources: async () => [] },
    artifacts: { onChange: () => () => {}, list: async () => ({ repos: [] }) },
    async close() {
      events.push("closed");
    },
  } as unknown as Gateway;
}
