import { expect, test } from "vitest";
import { startSimulator } from "../../src/simulator/simulator.ts";
import { textRequest } from "./support/requests.ts";
import { post, useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();

function ask(prompt: string, stream = false, headers: Record<string, string> = {}) {
  const { path, body } = textRequest("openai", prompt, stream);
  return post(simulator(), "openai", path, body, headers).then((response) => response.text());
}

test("the book counts how many requests ran at one time", async () => {
  simulator().faults.script([{ fault: { kind: "stall_before_headers" }, times: 12 }]);
  const controller = new AbortController();
  const { path, body } = textRequest("openai", "Hi", false);
  const asked = Array.from({ length: 12 }, () => post(simulator(), "openai", path, body, {}, controller.signal));
  while (simulator().book.entries.length < 12) await new Promise((resolve) => setImmediate(resolve));
  controller.abort();
  await Promise.allSettled(asked);
  await simulator().book.idle();
  expect(simulator().book.totals("openai")).toMatchObject({ requests: 12, clientGone: 12, concurrentMax: 12 });
  expect(simulator().book.totals("google")).toMatchObject({ requests: 0, concurrentMax: 0 });
});

test("the book keeps who asked, with which ids, and what was said", async () => {
  await ask("Hello book", false, { "idempotency-key": "idem-1", "x-client-request-id": "mine" });
  await simulator().book.idle();
  expect(simulator().book.entries).toMatchObject([
    {
      provider: "openai",
      model: "gpt-4.1-mini",
      status: 200,
      outcome: "succeeded",
      idempotencyKey: "idem-1",
      clientRequestId: "mine",
      streamed: false,
    },
  ]);
  expect(simulator().book.bodies("openai")).toMatchObject([{ messages: [{ content: "Hello book" }] }]);
});

test("the book keeps the last bodies only", async () => {
  for (let index = 0; index < 70; index += 1) await ask(`message ${index}`);
  const bodies = simulator().book.bodies() as { messages: { content: string }[] }[];
  expect(bodies).toHaveLength(64);
  expect(bodies.at(-1)?.messages[0]?.content).toBe("message 69");
  expect(simulator().book.totals().requests).toBe(70);
});

test("another process can steer the simulator and read its book over HTTP", async () => {
  const { url } = simulator();
  const faults = (body: unknown) => fetch(`${url}/__sim/faults`, { method: "POST", body: JSON.stringify(body) });
  expect(await (await faults({ script: [{ fault: { kind: "unavailable" }, times: 3 }] })).json()).toEqual({
    pending: 3,
  });
  await ask("Hi");
  expect(await (await faults({ clear: true })).json()).toEqual({ pending: 0 });
  await fetch(`${url}/__sim/latency`, { method: "POST", body: JSON.stringify({ provider: "openai", headersMs: 1 }) });
  await ask("Hi");
  const book = (await (await fetch(`${url}/__sim/book`)).json()) as {
    entries: unknown[];
    totals: unknown;
    providers: unknown;
  };
  expect(book.entries).toMatchObject([{ status: 503 }, { status: 200 }]);
  expect(book.providers).toMatchObject({ openai: { failed: 1, succeeded: 1 } });
  expect((await faults({ script: [{ fault: { kind: "no_such_fault" } }] })).status).toBe(400);
  expect((await faults("x".repeat(1_048_577))).status).toBe(413);
  expect((await fetch(`${url}/__sim/nothing`)).status).toBe(404);
  await fetch(`${url}/__sim/book`, { method: "DELETE" });
  expect(simulator().book.entries).toEqual([]);
});

test("a path that belongs to no provider, and a provider that was not started, are not there", async () => {
  expect((await fetch(`${simulator().url}/v1/chat/completions`)).status).toBe(404);
  const only = await startSimulator({ providers: ["google"] });
  expect(() => only.baseUrl("openai")).toThrow(RangeError);
  expect((await fetch(`${only.url}/openai/v1/models`)).status).toBe(404);
  await only.close();
});

test("closing ends open streams and frees the port at once", async () => {
  const other = await startSimulator({ latency: { chunkMs: 60_000 } });
  const { path, body } = textRequest("openai", "say 30 words", true);
  const response = await post(other, "openai", path, body);
  const reader = response.body?.getReader();
  await reader?.read();
  await other.close();
  await expect(reader?.read()).rejects.toThrow();
  const again = await startSimulator({ port: Number(new URL(other.url).port) });
  expect(again.url).toBe(other.url);
  await again.close();
});

test("several keys are told apart by fault rules", async () => {
  const keyed = await startSimulator({ apiKeys: { openai: ["second-simulated-key"] } });
  keyed.faults.script([{ fault: { kind: "rate_limited" }, key: "second-simulated-key" }]);
  const { path, body } = textRequest("openai", "Hi", false);
  const with2 = () => post(keyed, "openai", path, body, { authorization: "Bearer second-simulated-key" });
  expect((await post(keyed, "openai", path, body)).status).toBe(200);
  expect((await with2()).status).toBe(429);
  expect((await with2()).status).toBe(200);
  await keyed.close();
});

test("two simulators with one seed answer the same bytes but for the time", async () => {
  const clock = { now: () => 1_795_250_000_000, monotonicMs: () => 0, sleep: () => Promise.resolve() };
  const answers = await Promise.all(
    [1, 1].map(async (seed) => {
      const one = await startSimulator({ seed, clock });
      const { path, body } = textRequest("anthropic", "say 20 words", true);
      const text = await (await post(one, "anthropic", path, body)).text();
      await one.close();
      return text;
    }),
  );
  expect(answers[0]).toBe(answers[1]);
});
