import { afterAll, beforeAll, expect, test } from "vitest";
import { type ApiWorld, openApiWorld } from "../support/api-world.ts";

let world: ApiWorld;
beforeAll(async () => {
  world = await openApiWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const model = "openai/gpt-5.4-mini";
const messages = [{ role: "user", content: "the same twice" }];
const bodies: Readonly<Record<string, object>> = {
  "/v1/chat/completions": { model, messages },
  "/v1/messages": { model, max_tokens: 100, messages },
  "/v1/responses": { model, input: "this is the same twice" },
  "/v1/embeddings": { model: "openai/text-embedding-3-small", input: "the same twice" },
};

interface Answered {
  readonly switchyard: { readonly cached: boolean; readonly cost: { readonly total: string } };
}

async function ask(path: string, more: object): Promise<Response> {
  return await fetch(`${world.url}${path}`, {
    method: "POST",
    headers: { authorization: "Bearer key-all", "content-type": "application/json" },
    body: JSON.stringify({ ...bodies[path], ...more }),
  });
}

test.each(Object.keys(bodies))(
  "%s gives the answer of an identical call again for nothing, when asked to",
  async (path) => {
    world.simulator.book.clear();
    const cached: boolean[] = [];
    for (const cache of [{ ttl_s: 600 }, { ttl_s: 600 }, undefined, { ttl_s: 0 }]) {
      const { switchyard } = (await (await ask(path, cache ? { cache } : {})).json()) as Answered;
      cached.push(switchyard.cached);
      expect(switchyard.cost.total === "0").toBe(switchyard.cached);
    }
    expect(cached).toEqual([false, true, false, false]);
    expect(world.simulator.book.totals().requests).toBe(3);
  },
);

test.each([{ cache: "yes" }, { cache: { ttl_s: -1 } }, { cache: { ttl_s: 2_592_001 } }, { cache: { ttl: 5 } }])(
  "a cache option that is none is refused: %j",
  async (wrong) => {
    const answer = await ask("/v1/chat/completions", wrong);
    expect(answer.status).toBe(400);
    expect(JSON.stringify(await answer.json())).toContain("cache");
  },
);
