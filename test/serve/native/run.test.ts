import { afterAll, beforeAll, expect, test } from "vitest";
import { localCaller } from "../../../src/core/caller.ts";
import { serveLimits } from "../../../src/core/limits.ts";
import { type ApiWorld, openApiWorld } from "../support/api-world.ts";
import { readEvents, type ServerEvent } from "../support/server-events.ts";

let world: ApiWorld;
beforeAll(async () => {
  world = await openApiWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const model = "anthropic/claude-haiku-4-5";

function ask(
  path: string,
  init: { body?: unknown; key?: string; headers?: Record<string, string>; signal?: AbortSignal } = {},
) {
  const { body, key = "key-all", headers = {}, signal } = init;
  return fetch(`${world.url}${path}`, {
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json", ...headers },
    ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
}

const textOf = (events: readonly ServerEvent[]) =>
  events.map(({ event, data }) => (event === "text" ? (data as { text: string }).text : "")).join("");

test("run answers in the tool's own words", async () => {
  const answer = await ask("/v1/run", { body: { model, prompt: "Hello there" } });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    status: "succeeded",
    model,
    output: { text: `[simulated ${model}] Hello there` },
    finish_reason: "stop",
    attempts: [{ model, outcome: "succeeded" }],
  });
});

test("a call longer than its caller waits is asked for by its id", async () => {
  world.simulator.faults.script([{ fault: { kind: "slow_drip", chunkMs: 5 } }]);
  const started = await ask("/v1/run", {
    body: { model, prompt: "say 60 words", wait_ms: 0, idempotency_key: "slow-1" },
  });
  const { id, status } = (await started.json()) as { id: string; status: string };
  expect(status).toBe("running");
  const done = await ask(`/v1/generations/${id}?wait_ms=20000`);
  expect(await done.json()).toMatchObject({
    id,
    status: "succeeded",
    output: { text: expect.stringContaining("simulated") },
  });
});

test("a stream that was lost is taken up where it broke off, and paid once", async () => {
  world.simulator.faults.script([{ fault: { kind: "slow_drip", chunkMs: 5 } }]);
  const controller = new AbortController();
  const body = { model, prompt: "say 80 words", stream: true, idempotency_key: "lost-1" };
  const first = await ask("/v1/run", { body, signal: controller.signal });
  const id = first.headers.get("switchyard-generation");
  const begun: ServerEvent[] = [];
  for await (const event of readEvents(first)) {
    begun.push(event);
    if (begun.filter(({ event: type }) => type === "text").length === 5) break;
  }
  controller.abort();
  const headers = { Accept: "text/event-stream", "Last-Event-ID": begun.at(-1)?.id ?? "" };
  const rest: ServerEvent[] = [];
  for await (const event of readEvents(await ask(`/v1/generations/${id}`, { headers }))) rest.push(event);
  const result = rest.at(-1);
  expect(result?.event).toBe("result");
  expect(result?.data).toMatchObject({ id, status: "succeeded" });
  expect(textOf(begun) + textOf(rest)).toBe((result?.data as { output: { text: string } } | undefined)?.output.text);
  expect(rest[0]?.event).toBe("generation");
  const ids = [...begun, ...rest].flatMap(({ id: seq }) => (seq === undefined ? [] : [Number(seq)]));
  expect(ids).toEqual([...new Set(ids)].sort((a, b) => a - b));
});

test("a stream whose caller leaves without a key to come back with is stopped", async () => {
  world.simulator.faults.script([{ fault: { kind: "slow_drip", chunkMs: 30 } }]);
  const controller = new AbortController();
  const answer = await ask("/v1/run", {
    body: { model, prompt: "say 500 words", stream: true },
    signal: controller.signal,
  });
  for await (const { event } of readEvents(answer)) if (event === "text") break;
  controller.abort();
  await expect.poll(() => world.simulator.book.entries.at(-1)?.outcome).toBe("client_gone");
});

test("a generation can be cancelled, and only its owner sees it", async () => {
  world.simulator.faults.script([{ fault: { kind: "slow_drip", chunkMs: 30 } }]);
  const started = await ask("/v1/run", {
    body: { model, prompt: "say 500 words", wait_ms: 0, idempotency_key: "c-1" },
  });
  const { id } = (await started.json()) as { id: string };
  for (const path of [`/v1/generations/${id}`, `/v1/generations/${id}/cancel`]) {
    const body = path.endsWith("cancel") ? { body: {} } : {};
    expect((await ask(path, { key: "key-openai", ...body })).status).toBe(404);
  }
  const cancelled = await ask(`/v1/generations/${id}/cancel`, { body: {} });
  expect(await cancelled.json()).toMatchObject({ id, status: "cancelled" });
});

test.each([
  [{ model, prompt: "x", modle: 1 }, 400, "modle is not an argument, did you mean model?"],
  [{ model: "nobody/none", prompt: "x" }, 404, "there is no model"],
  [{ prompt: "x" }, 400, "model is required"],
])("%j is refused in words", async (body, status, said) => {
  const answer = await ask("/v1/run", { body });
  expect(answer.status).toBe(status);
  const { error } = (await answer.json()) as { error: { message: string; next: string; code: string } };
  expect(error.message).toContain(said);
  expect(error.next).not.toBe("");
});

test("a body that is not JSON, or not UTF-8, or too large, is refused and the next call works", async () => {
  const post = (body: string | Uint8Array) =>
    fetch(`${world.url}/v1/run`, {
      method: "POST",
      headers: { Authorization: "Bearer key-all" },
      body: Buffer.from(body),
    });
  expect((await post("{")).status).toBe(400);
  expect((await post(new Uint8Array([0x7b, 0xff]))).status).toBe(400);
  const pad = (bytes: number) => {
    const body = JSON.stringify({ model: "nobody/none", prompt: "" });
    return body.replace('""', `"${"x".repeat(bytes - body.length)}"`);
  };
  expect((await post(pad(serveLimits.apiBodyBytesMax))).status).toBe(400);
  const tooLarge = await post(pad(serveLimits.apiBodyBytesMax + 1));
  expect(tooLarge.status).toBe(413);
  expect(await tooLarge.json()).toMatchObject({ error: { code: "too_large" } });
  expect((await ask("/v1/run", { body: { model, prompt: "Hi" } })).status).toBe(200);
});

test("clients that leave at any moment harm nobody", async () => {
  world.simulator.latency.set({ headersMs: 3, chunkMs: 1 });
  const leave = async (n: number) => {
    const controller = new AbortController();
    const path = ["/v1/run", "/v1/chat/completions", "/v1/messages", "/v1/responses"][n % 4] ?? "";
    const question = { role: "user", content: "say 30 words" };
    const body =
      path === "/v1/run"
        ? { prompt: "say 30 words" }
        : path.endsWith("responses")
          ? { input: [question] }
          : { messages: [question] };
    const timer = setTimeout(() => controller.abort(), n % 50);
    await ask(path, {
      body: { model, stream: true, max_tokens: path.endsWith("messages") ? 500 : undefined, ...body },
      signal: controller.signal,
    })
      .then((answer) => answer.text())
      .catch(() => undefined);
    clearTimeout(timer);
  };
  for (let round = 0; round < 4; round += 1) {
    await Promise.all(Array.from({ length: 50 }, (_, n) => leave(round * 50 + n)));
  }
  world.simulator.latency.clear();
  const answer = await ask("/v1/run", { body: { model, prompt: "still there?" } });
  expect(await answer.json()).toMatchObject({ status: "succeeded" });
  expect(world.logged.filter((line) => line.includes("Error"))).toEqual([]);
  await expect.poll(async () => (await world.gateway.credits.balance(localCaller)).held).toBe(0n);
});
