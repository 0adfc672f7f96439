import OpenAI from "openai";
import { expect, test } from "vitest";
import { createMetrics } from "../../src/serve/metrics.ts";
import { openApiWorld } from "./support/api-world.ts";
import { connect } from "./support/clients.ts";

test("the page is what Prometheus reads: cumulative buckets, sums, counts, escaped labels", () => {
  const metrics = createMetrics();
  metrics.toolCall("infer", "ok", 0.004);
  metrics.toolCall("infer", "ok", 700);
  metrics.toolCall("infer", "timeout", 1);
  const page = metrics.text([{ name: "g", help: "G.", values: [{ labels: { a: 'x"\\\n' }, value: 2 }] }]);
  expect(page).toContain('# HELP g G.\n# TYPE g gauge\ng{a="x\\"\\\\\\n"} 2\n');
  expect(page).toContain('switchyard_tool_call_seconds_bucket{tool="infer",outcome="ok",le="0.001"} 0');
  expect(page).toContain('switchyard_tool_call_seconds_bucket{tool="infer",outcome="ok",le="0.005"} 1');
  expect(page).toContain('switchyard_tool_call_seconds_bucket{tool="infer",outcome="ok",le="300"} 1');
  expect(page).toContain('switchyard_tool_call_seconds_bucket{tool="infer",outcome="ok",le="+Inf"} 2');
  expect(page).toContain('switchyard_tool_call_seconds_count{tool="infer",outcome="timeout"} 1');
  for (const line of page.trimEnd().split("\n")) {
    expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="(?:[^"\\\n]|\\.)*",?)+\})? [-+\d.eE]+)$/);
  }
});

test("calls over MCP and over the model endpoints are counted, with the pool of the key that asks", async () => {
  await using world = await openApiWorld();
  const headers = { Authorization: "Bearer key-all" };
  await using client = await connect("v2 modern", `${world.url}/mcp`, headers);
  await client.callTool("models", { limit: 1 });
  await client.callTool("models", { limt: 1 });
  const openai = new OpenAI({ baseURL: `${world.url}/v1`, apiKey: "key-all", maxRetries: 0 });
  await openai.chat.completions.create({ model: "gpt-5.4-mini", messages: [{ role: "user", content: "Hi" }] });
  await fetch(`${world.url}/v1/no-such-thing-${"x".repeat(100)}`, { headers });
  expect((await fetch(`${world.url}/metrics`)).status).toBe(401);
  const page = await (await fetch(`${world.url}/metrics`, { headers })).text();
  expect(page).toContain('switchyard_tool_call_seconds_count{tool="models",outcome="ok"} 1');
  expect(page).toContain('switchyard_tool_call_seconds_count{tool="models",outcome="invalid_request"} 1');
  expect(page).toContain('switchyard_api_request_seconds_count{endpoint="POST /v1/chat/completions",status="200"} 1');
  expect(page).toContain('switchyard_api_request_seconds_count{endpoint="none",status="404"} 1');
  expect(page).not.toContain("no-such-thing");
  expect(page).toContain(`switchyard_credits_usd{state="spent"} ${await world.spent()}`);
});
