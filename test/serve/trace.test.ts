import { expect, it } from "vitest";
import { openWorld } from "../support/world.ts";
import { startCollector } from "../telemetry/collector.ts";
import { openApiWorld } from "./support/api-world.ts";

const [traceId, spanId] = ["0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"];
const traceparent = `00-${traceId}-${spanId}-01`;
const model = "openai/gpt-5.4-mini";

it("a call over HTTP is part of the trace that its header names, on every kind of endpoint", async () => {
  const collector = await startCollector();
  const world = await openApiWorld({ telemetry: { endpoint: collector.url } });
  const bodies = {
    "/v1/run": { model, prompt: "x" },
    "/v1/chat/completions": { model, messages: [{ role: "user", content: "x" }] },
    "/v1/messages": { model, max_tokens: 50, messages: [{ role: "user", content: "x" }], stream: true },
    "/v1/responses": { model, input: "x" },
  };
  for (const [path, body] of Object.entries(bodies)) {
    const answer = await fetch(`${world.url}${path}`, {
      method: "POST",
      headers: { authorization: "Bearer key-all", "content-type": "application/json", traceparent },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(200);
    await answer.text();
  }
  await world[Symbol.asyncDispose]();
  const calls = collector.spans.filter(({ name }) => name.startsWith("chat "));
  expect(calls.map((span) => [span.traceId, span.parentSpanId])).toEqual(
    Object.keys(bodies).map(() => [traceId, spanId]),
  );
});

it("a call over MCP is part of the trace that its metadata names", async () => {
  const collector = await startCollector();
  const world = await openWorld({ telemetry: { endpoint: collector.url } });
  const connection = await world.connect();
  const result = await connection.client.callTool({
    name: "infer",
    arguments: { model, prompt: "x" },
    _meta: { traceparent },
  });
  expect(result.isError).toBeFalsy();
  await world.close();
  await expect.poll(() => collector.spans.length).toBe(2);
  expect(collector.spans.find(({ name }) => name.startsWith("chat "))).toMatchObject({ traceId, parentSpanId: spanId });
});
