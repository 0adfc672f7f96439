import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readTextEvents } from "../../src/providers/answer.ts";
import { anthropic } from "../../src/providers/anthropic/index.ts";
import { openai } from "../../src/providers/openai/index.ts";
import type { TextEvent } from "../../src/providers/shapes/event.ts";
import { openWire, type Wire } from "../../src/providers/wire/wire.ts";
import { claudeStream } from "./anthropic/fixture.ts";
import { ask, card } from "./support/model.ts";
import { serve, type TestServer } from "./support/server.ts";
import { data } from "./support/stream.ts";

let wire: Wire;
let server: TestServer;
let answer: { status?: number; headers?: Record<string, string>; body: string; cut?: boolean };

beforeEach(async () => {
  wire = openWire();
  server = await serve((_request, response) => {
    response.writeHead(answer.status ?? 200, { "content-type": "text/event-stream", ...answer.headers });
    if (answer.cut) response.write(answer.body, () => response.destroy());
    else response.end(answer.body);
  });
});
afterEach(async () => {
  await wire.close();
  await server.close();
});

async function read(adapter = openai, id = "openai/gpt-4.1"): Promise<TextEvent[]> {
  const model = card(id);
  const request = adapter.text?.request(ask("Hi"), model, { apiKey: "k", baseUrl: server.url });
  const decoder = adapter.text?.decoder(model, ask("Hi"));
  if (!request || !decoder) throw new Error("no text");
  const response = await wire.send(request, { signal: new AbortController().signal });
  const events: TextEvent[] = [];
  for await (const batch of readTextEvents(adapter, decoder, response)) events.push(...batch);
  return events;
}

const whole = (content: string) =>
  JSON.stringify({ id: "c", choices: [{ index: 0, message: { content }, finish_reason: "stop" }] });

describe("reading an answer", () => {
  test("a stream becomes events of which the last is the finish, and its connection is used again", async () => {
    answer = { body: claudeStream };
    for (let n = 0; n < 4; n++) {
      const events = await read(anthropic, "anthropic/claude-sonnet-5");
      expect(events.at(-1)).toEqual({ type: "finish", reason: "tool_calls" });
    }
    expect(server.connections()).toBeLessThan(3);
  });

  test("an error status becomes the failure that its body says", async () => {
    answer = {
      status: 429,
      headers: { "retry-after": "2" },
      body: JSON.stringify({ error: { message: "Slow", code: "rate_limit_exceeded" } }),
    };
    expect(await read()).toEqual([
      {
        type: "failure",
        failure: {
          kind: "rate_limited",
          message: "Slow",
          status: 429,
          code: "rate_limit_exceeded",
          retryAfterMs: 2000,
        },
      },
    ]);
  });

  test("an error under status 200 that is no stream is a failure", async () => {
    answer = {
      headers: { "content-type": "application/json" },
      body: '{"code":"unavailable","error":"The service is currently unavailable"}',
    };
    expect((await read()).at(-1)).toMatchObject({
      type: "failure",
      failure: { message: "The service is currently unavailable" },
    });
  });

  test("an answer that was not streamed although a stream was asked for is still an answer", async () => {
    answer = { headers: { "content-type": "application/json; charset=utf-8" }, body: whole("Hi") };
    expect(await read()).toMatchObject([
      { type: "start" },
      { type: "text", text: "Hi" },
      { type: "finish", reason: "stop" },
    ]);
  });

  test.each(["<!doctype html><title>Hello</title>", "", '{"choices":', "\u0000\u0001"])(
    "%j under status 200 is a failure",
    async (body) => {
      for (const type of ["text/html", "application/json", "text/event-stream"]) {
        answer = { headers: { "content-type": type }, body };
        expect((await read()).at(-1)?.type).toBe("failure");
      }
    },
  );

  test("a connection that breaks gives what had come, then a network failure", async () => {
    answer = { body: data({ id: "c", choices: [{ index: 0, delta: { content: "Hel" } }] }), cut: true };
    expect(await read()).toMatchObject([
      { type: "start" },
      { type: "text", text: "Hel" },
      { type: "failure", failure: { kind: "network" } },
    ]);
  });
});
