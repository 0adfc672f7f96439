import { describe, expect, test } from "vitest";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { shippedRows } from "../../src/catalog/shipped.ts";
import { SwitchyardError } from "../../src/core/errors.ts";
import { loadAdapter, providerList } from "../../src/providers/registry.ts";
import { ask, credentials } from "./support/model.ts";

const catalog = openCatalog(await shippedRows());

async function sent(provider: string, options: object): Promise<Record<string, unknown>> {
  const adapter = await loadAdapter(provider);
  const [model] = catalog.search({ provider, task: "text" }).filter(({ status }) => status === "ga");
  if (!adapter?.text || !model) throw new Error(`${provider} writes no text`);
  const request = adapter.text.request(ask("Hi", { provider_options: { ...options } }), model, credentials);
  return JSON.parse(String(request.body)) as Record<string, unknown>;
}

async function refusal(provider: string, options: object): Promise<SwitchyardError> {
  return sent(provider, options).then(
    () => {
      throw new Error("it was sent");
    },
    (error: unknown) => {
      if (error instanceof SwitchyardError) return error;
      throw error;
    },
  );
}

describe("what would cost more than the catalog says is refused, and told how else", () => {
  test.each<[string, object, string, RegExp]>([
    ["openai", { service_tier: "priority" }, "service_tier", /Leave it out, or give "default" or "flex"/],
    ["openai", { service_tier: "auto" }, "service_tier", /other tiers/],
    ["openai", { service_tier: null }, "service_tier", /other tiers/],
    ["openai", { service_tier: "fast" }, "service_tier", /other tiers/],
    ["openai", { web_search_options: {} }, "web_search_options", /billed by the call/],
    ["openai", { tools: [{ type: "web_search" }] }, "tools", /Use tools/],
    ["openai", { background: true }, "background", /infer with background/],
    ["openai", { reasoning: { mode: "pro" } }, "reasoning.mode", /a pro model/],
    ["openai", { previous_response_id: "resp_1" }, "previous_response_id", /Send the messages/],
    ["openai", { conversation: "conv_1" }, "conversation", /Send the messages/],
    ["openai", { n: 2 }, "n", /Call several times/],
    ["openai", { best_of: 2 }, "best_of", /Call several times/],
    ["anthropic", { speed: "fast" }, "speed", /a price of their own/],
    ["anthropic", { inference_geo: "us" }, "inference_geo", /costs more/],
    ["anthropic", { service_tier: "priority" }, "service_tier", /standard_only/],
    ["anthropic", { tools: [{ type: "web_search_20250305" }] }, "tools", /Use tools/],
    ["anthropic", { container: "c_1" }, "container", /sandbox/],
    ["anthropic", { mcp_servers: [] }, "mcp_servers", /Use tools/],
    ["google", { serviceTier: "priority" }, "serviceTier", /"standard" or "flex"/],
    ["google", { tools: [{ googleSearch: {} }] }, "tools", /billed by the call/],
    ["google", { generationConfig: { candidateCount: 2 } }, "generationConfig.candidateCount", /several times/],
    ["google", { generationConfig: { responseModalities: ["IMAGE"] } }, "generationConfig.responseModalities", /draws/],
    ["google", { cachedContent: "c/1" }, "cachedContent", /Send the messages/],
    ["groq", { service_tier: "performance" }, "service_tier", /on_demand/],
    ["groq", { compound_custom: {} }, "compound_custom", /billed by the call/],
    ["xai", { search_parameters: { mode: "on" } }, "search_parameters", /searches are billed/],
    ["xai", { service_tier: "priority" }, "service_tier", /default/],
    ["xai", { deferred: true }, "deferred", /as they come/],
    ["alibaba", { enable_search: true }, "enable_search", /searches are billed/],
    ["alibaba", { enable_code_interpreter: true }, "enable_code_interpreter", /sandbox/],
    ["bytedance", { service_tier: "priority" }, "service_tier", /flex/],
    ["minimax", { service_tier: "priority" }, "service_tier", /standard/],
    ["workers-ai", { tools: [] }, "tools", /Use tools/],
  ])("%s %j", async (provider, options, path, next) => {
    expect(await refusal(provider, options)).toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining(`provider_options.${provider}.${path} cannot be set`),
      next: expect.stringMatching(next),
    });
  });

  test("for every provider of text, what it runs by itself", async () => {
    for (const { provider, tasks } of providerList) {
      if (!tasks.includes("text")) continue;
      expect((await refusal(provider, { tools: [{ type: "x" }] })).next).toMatch(/Use tools in its place/);
    }
  });
});

test("OpenAI is asked at its standard tier, whatever its project is set to", async () => {
  expect(await sent("openai", {})).toMatchObject({ service_tier: "default" });
});

describe("what costs as much or less is sent", () => {
  test.each<[string, Record<string, unknown>]>([
    ["openai", { service_tier: "flex" }],
    ["openai", { background: false }],
    ["openai", { safety_identifier: "u1", conversation: null }],
    ["anthropic", { service_tier: "standard_only", speed: "standard" }],
    ["google", { serviceTier: "flex" }],
    ["groq", { service_tier: "on_demand" }],
    ["xai", { search_parameters: false }],
    ["alibaba", { enable_search: false }],
    ["bytedance", { service_tier: "default" }],
  ])("%s %j", async (provider, options) => {
    expect(await sent(provider, options)).toMatchObject(options);
  });
});
