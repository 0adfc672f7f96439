import OpenAI, { APIError } from "openai";
import { expect, test } from "vitest";
import { type Clock, systemClock } from "../../../src/core/clock.ts";
import { openApiWorld } from "../support/api-world.ts";

/** A clock on which twenty seconds pass in about thirty milliseconds. */
const hurried: Clock = {
  now: systemClock.now,
  monotonicMs: () => systemClock.monotonicMs() * haste,
  sleep: (ms, signal) => systemClock.sleep(ms / haste, signal),
};
const haste = 700;

const asked = { model: "gpt-5.4-mini", messages: [{ role: "user" as const, content: "Hello there" }] };

test("a stream begins without its model's first word when that is long in coming", async () => {
  await using world = await openApiWorld({}, hurried);
  world.simulator.latency.set({ headersMs: 600 });
  const body = JSON.stringify({ ...asked, stream: true });
  const headers = { Authorization: "Bearer key-all" };
  const answer = await fetch(`${world.url}/v1/chat/completions`, { method: "POST", headers, body });
  expect(answer.status).toBe(200);
  await expect.poll(() => world.simulator.book.entries.at(-1)?.outcome).toBe("running");
  const text = await answer.text();
  expect(text).toContain("there");
  expect(text).toContain("[DONE]");
});

test("a failure after the stream has begun is an error in it", async () => {
  await using world = await openApiWorld({}, hurried);
  world.simulator.latency.set({ headersMs: 300 });
  world.simulator.faults.script([{ fault: { kind: "quota_exhausted" }, times: 3 }]);
  const openai = new OpenAI({ baseURL: `${world.url}/v1`, apiKey: "key-all", maxRetries: 0 });
  const stream = await openai.chat.completions.create({ ...asked, stream: true });
  const read = async () => {
    for await (const chunk of stream) expect(chunk.choices[0]?.delta.content ?? "").toBe("");
  };
  await expect(read()).rejects.toBeInstanceOf(APIError);
});

test("a stream that is silent for long is kept alive by comments, which clients skip", async () => {
  await using world = await openApiWorld({}, hurried);
  world.simulator.latency.set({ chunkMs: 100 });
  const messages = [{ role: "user", content: "say 5 words" }];
  const body = JSON.stringify({ model: "anthropic/claude-haiku-4-5", messages, stream: true });
  const headers = { Authorization: "Bearer key-all" };
  const answer = await fetch(`${world.url}/v1/chat/completions`, { method: "POST", headers, body });
  const text = await answer.text();
  expect(text).not.toBe("");
  expect(text.includes(": keep-alive\n\n")).toBe(true);
});
