import Anthropic from "@anthropic-ai/sdk";
import Cloudflare from "cloudflare";
import Groq from "groq-sdk";
import OpenAI from "openai";
import { describe, expect, test } from "vitest";
import type { ProviderName } from "../../src/simulator/provider.ts";
import { useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();

interface Dialect {
  readonly provider: ProviderName;
  /** After the provider's base URL, for the SDK. */
  readonly suffix: string;
  readonly model: string;
  /** What makes a model that reasons do so, and where it shows. */
  readonly reasoning: { readonly model: string; readonly body: object; readonly field: string };
  /** How many deltas bring one call: 1 when it comes whole. */
  readonly wholeCalls: boolean;
  /** Whether `completion_tokens` leaves reasoning out. */
  readonly reasoningApart?: boolean;
  readonly usageUnasked?: boolean;
}

const dialects: readonly Dialect[] = [
  {
    provider: "groq",
    suffix: "",
    model: "llama-3.3-70b-versatile",
    reasoning: { model: "openai/gpt-oss-20b", body: { reasoning_effort: "low" }, field: "reasoning" },
    wholeCalls: true,
    usageUnasked: true,
  },
  {
    provider: "xai",
    suffix: "",
    model: "grok-4.20-0309-non-reasoning",
    reasoning: { model: "grok-4.5", body: { reasoning_effort: "low" }, field: "reasoning_content" },
    wholeCalls: true,
    reasoningApart: true,
    usageUnasked: true,
  },
  {
    provider: "alibaba",
    suffix: "/compatible-mode/v1",
    model: "qwen3-max",
    reasoning: { model: "qwen3.7-plus", body: { enable_thinking: true }, field: "reasoning_content" },
    wholeCalls: false,
  },
  {
    provider: "bytedance",
    suffix: "",
    model: "seed-1-8-251228",
    reasoning: { model: "dola-seed-2-1-turbo-260628", body: { reasoning_effort: "low" }, field: "reasoning_content" },
    wholeCalls: false,
  },
  {
    provider: "minimax",
    suffix: "/v1",
    model: "MiniMax-M2.7",
    reasoning: { model: "MiniMax-M3", body: { reasoning_split: true }, field: "reasoning_details" },
    wholeCalls: false,
  },
  {
    provider: "workers-ai",
    suffix: "/accounts/simulated/ai/v1",
    model: "@cf/meta/llama-3.3-70b-instruct-fp8-fast",
    reasoning: { model: "@cf/openai/gpt-oss-20b", body: { reasoning_effort: "low" }, field: "reasoning" },
    wholeCalls: false,
  },
];

const tools: OpenAI.ChatCompletionTool[] = [
  {
    type: "function",
    function: { name: "get_weather", parameters: { type: "object", properties: { city: { type: "string" } } } },
  },
];
const question = 'call get_weather {"city":"Oslo"} and call get_weather {"city":"Bergen"}';

function client({ provider, suffix }: Dialect, apiKey = simulator().apiKey(provider)): OpenAI {
  return new OpenAI({ baseURL: `${simulator().baseUrl(provider)}${suffix}`, apiKey, maxRetries: 0 });
}

describe.each(dialects)("$provider through the openai SDK", (dialect) => {
  const { provider, model } = dialect;

  test("answers with the user's text and bills what it says it bills", async () => {
    const made = await client(dialect).chat.completions.create({
      model,
      messages: [{ role: "user", content: "Hello there" }],
    });
    expect(made.choices[0]?.message.content).toContain(`[simulated ${provider}/${model}] Hello there`);
    await simulator().book.idle();
    const { billed } = simulator().book.totals(provider);
    const { prompt_tokens: input = 0, completion_tokens: output = 0 } = made.usage ?? {};
    expect([billed.inputTokens, billed.outputTokens]).toEqual([input, output]);
  });

  test("streams the same text, with usage", async () => {
    const asked = { model, messages: [{ role: "user" as const, content: "say 40 words" }] };
    const whole = await client(dialect).chat.completions.create(asked);
    const stream = await client(dialect).chat.completions.create({
      ...asked,
      stream: true,
      ...(dialect.usageUnasked ? {} : { stream_options: { include_usage: true } }),
    });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? "").join("")).toBe(
      whole.choices[0]?.message.content,
    );
    expect(chunks.findLast(({ usage }) => usage)?.usage).toEqual(whole.usage);
    expect(chunks.findLast(({ choices }) => choices[0]?.finish_reason)?.choices[0]?.finish_reason).toBe("stop");
  });

  test("goes through a tool loop with parallel calls that come in its own kind of deltas", async () => {
    const stream = await client(dialect).chat.completions.create({
      model,
      tools,
      parallel_tool_calls: true,
      messages: [{ role: "user", content: question }],
      stream: true,
    });
    const calls: { id: string; name: string; arguments: string }[] = [];
    let deltas = 0;
    for await (const { choices } of stream) {
      for (const delta of choices[0]?.delta.tool_calls ?? []) {
        deltas += 1;
        const call = calls[delta.index] ?? { id: "", name: "", arguments: "" };
        calls[delta.index] = {
          id: call.id || (delta.id ?? ""),
          name: call.name || (delta.function?.name ?? ""),
          arguments: call.arguments + (delta.function?.arguments ?? ""),
        };
      }
    }
    expect(calls.map(({ name, arguments: args }) => [name, args])).toEqual([
      ["get_weather", '{"city":"Oslo"}'],
      ["get_weather", '{"city":"Bergen"}'],
    ]);
    expect(deltas === 2).toBe(dialect.wholeCalls);
    const second = await client(dialect).chat.completions.create({
      model,
      tools,
      messages: [
        { role: "user", content: question },
        {
          role: "assistant",
          content: "",
          tool_calls: calls.map(({ id, name, arguments: args }) => ({
            id,
            type: "function",
            function: { name, arguments: args },
          })),
        },
        ...calls.map(({ id }, index) => ({ role: "tool" as const, tool_call_id: id, content: `${index} °C` })),
      ],
    });
    expect(second.choices[0]?.message.content).toContain("get_weather returned: 0 °C; get_weather returned: 1 °C");
  });

  test("shows its reasoning where it shows it, whole and streamed", async () => {
    const { model: reasoner, body, field } = dialect.reasoning;
    const asked = { model: reasoner, messages: [{ role: "user" as const, content: "Hello" }], ...body };
    const whole = await client(dialect).chat.completions.create(asked);
    const message = whole.choices[0]?.message as unknown as Record<string, unknown>;
    const textOf = (value: unknown): string =>
      typeof value === "string"
        ? value
        : Array.isArray(value)
          ? value.map(({ text }: { text: string }) => text).join("")
          : "";
    expect(textOf(message[field])).toContain("reasoning]");
    expect(message.content).toBe(`[simulated ${provider}/${reasoner}] Hello`);
    let streamed = "";
    for await (const { choices } of await client(dialect).chat.completions.create({ ...asked, stream: true })) {
      streamed += textOf((choices[0]?.delta as Record<string, unknown> | undefined)?.[field]);
    }
    expect(streamed).toBe(textOf(message[field]));
    await simulator().book.idle();
    const { billed } = simulator().book.totals(provider);
    expect(billed.reasoningTokens).toBeGreaterThan(0);
    const reported = whole.usage?.completion_tokens ?? 0;
    const reasoning = whole.usage?.completion_tokens_details?.reasoning_tokens ?? 0;
    expect((billed.outputTokens ?? 0) / 2).toBe(dialect.reasoningApart ? reported + reasoning : reported);
  });

  test("fails with the status and words of its own", async () => {
    const ask = (openai: OpenAI, asked = model) =>
      openai.chat.completions.create({ model: asked, messages: [{ role: "user", content: "Hi" }] });
    await expect(ask(client(dialect, "wrong"))).rejects.toMatchObject({ status: provider === "xai" ? 400 : 401 });
    await expect(ask(client(dialect), "no-such-model")).rejects.toMatchObject({
      status: provider === "minimax" || provider === "workers-ai" ? 400 : 404,
    });
    const odd = client(dialect).chat.completions.create({
      model,
      messages: [{ role: "user", content: "Hi" }],
      ...{ no_such_field: 1 },
    });
    await expect(odd).rejects.toMatchObject({ status: provider === "xai" ? 422 : 400 });
    simulator().faults.script([{ fault: { kind: "rate_limited" } }]);
    await expect(ask(client(dialect))).rejects.toBeInstanceOf(OpenAI.RateLimitError);
  });
});

describe("xAI's own ways", () => {
  const xai = () => client(dialects[1] as Dialect);

  test("a cost in ticks agrees with the book, in chat and in Responses", async () => {
    const chat = await xai().chat.completions.create({
      model: "grok-4.5",
      messages: [{ role: "user", content: "Hi" }],
    });
    const response = await xai().responses.create({ model: "grok-4.5", input: "Hi", store: false });
    const ticks = [chat.usage, response.usage].map(
      (usage) => (usage as unknown as { cost_in_usd_ticks: number }).cost_in_usd_ticks,
    );
    await simulator().book.idle();
    const { providerCostNanoUsd } = simulator().book.totals("xai").billed;
    expect(ticks.every((tick) => tick > 0)).toBe(true);
    expect(providerCostNanoUsd).toBe(BigInt((ticks[0] ?? 0) + (ticks[1] ?? 0)) / 10n);
  });

  test("Responses keep encrypted reasoning in a tool loop", async () => {
    const asked = { model: "grok-4.5", store: false, include: ["reasoning.encrypted_content" as const] };
    const tool = {
      type: "function" as const,
      name: "now",
      parameters: { type: "object", properties: {} },
      strict: false,
    };
    const input: OpenAI.Responses.ResponseInputItem[] = [{ role: "user", content: "call now" }];
    const first = await xai().responses.create({ ...asked, tools: [tool, { type: "web_search" }], input });
    expect(first.output.map(({ type }) => type)).toEqual(["reasoning", "function_call"]);
    const call = first.output[1] as OpenAI.Responses.ResponseFunctionToolCall;
    const output = { type: "function_call_output" as const, call_id: call.call_id, output: "noon" };
    const second = await xai().responses.create({
      ...asked,
      tools: [tool],
      input: [...input, ...(first.output as OpenAI.Responses.ResponseInputItem[]), output],
    });
    expect(second.output_text).toContain("now returned: noon");
    await expect(
      xai().responses.create({ ...asked, tools: [tool], input: [...input, call, output] }),
    ).rejects.toMatchObject({ status: 400 });
    await expect(xai().responses.create({ ...asked, instructions: "x", input })).rejects.toMatchObject({ status: 422 });
  });

  test("a stream can be answered with JSON and 200 that is an error", async () => {
    simulator().faults.script([{ fault: { kind: "error_with_200" } }]);
    const response = await fetch(`${simulator().baseUrl("xai")}/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${simulator().apiKey("xai")}` },
      body: JSON.stringify({ model: "grok-4.5", stream: true, messages: [{ role: "user", content: "Hi" }] }),
    });
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "application/json"]);
    expect(await response.json()).toEqual({ code: "unavailable", error: "The service is currently unavailable" });
    await simulator().book.idle();
    expect(simulator().book.entries.at(-1)?.outcome).toBe("failed");
  });
});

describe("Groq through the groq-sdk", () => {
  const groq = (apiKey = simulator().apiKey("groq")) =>
    new Groq({ apiKey, baseURL: simulator().baseUrl("groq").replace("/openai/v1", ""), maxRetries: 0 });

  test("answers, streams with x_groq, and lists models", async () => {
    const asked = { model: "openai/gpt-oss-20b", messages: [{ role: "user" as const, content: "Hello" }] };
    const whole = await groq().chat.completions.create(asked);
    expect(whole.choices[0]?.message).toMatchObject({ reasoning: expect.stringContaining("reasoning]") });
    expect(whole.usage?.total_time).toBeGreaterThan(0);
    const chunks: Groq.Chat.ChatCompletionChunk[] = [];
    for await (const chunk of await groq().chat.completions.create({ ...asked, stream: true })) chunks.push(chunk);
    expect(chunks[0]?.x_groq?.id).toMatch(/^req_/);
    expect(chunks.at(-1)?.x_groq?.usage).toEqual(whole.usage);
    expect((await groq().models.list()).data.map(({ id }) => id)).toContain("qwen/qwen3.8-27b");
  });

  test("calls a tool, and fails with the SDK's error classes", async () => {
    const made = await groq().chat.completions.create({
      model: "llama-3.3-70b-versatile",
      messages: [{ role: "user", content: question }],
      tools: [{ type: "function", function: { name: "get_weather", parameters: { type: "object", properties: {} } } }],
    });
    expect(made.choices[0]?.message.tool_calls).toHaveLength(2);
    const ask = (client: Groq) =>
      client.chat.completions.create({ model: "llama-3.1-8b-instant", messages: [{ role: "user", content: "Hi" }] });
    await expect(ask(groq("wrong"))).rejects.toBeInstanceOf(Groq.AuthenticationError);
    simulator().faults.script([{ fault: { kind: "rate_limited", afterMs: 7_000, limit: "tokens" } }]);
    await expect(ask(groq())).rejects.toSatisfy(
      (error) =>
        error instanceof Groq.RateLimitError && error.headers?.get("retry-after") === "7" && /TPM/.test(error.message),
    );
  });
});

describe("MiniMax through the @anthropic-ai/sdk", () => {
  test("answers and streams Messages with thinking", async () => {
    const anthropic = new Anthropic({
      baseURL: `${simulator().baseUrl("minimax")}/anthropic`,
      apiKey: simulator().apiKey("minimax"),
      maxRetries: 0,
    });
    const asked = {
      model: "MiniMax-M3",
      max_tokens: 2_000,
      thinking: { type: "enabled" as const, budget_tokens: 1_024 },
      messages: [{ role: "user" as const, content: "Hello" }],
    };
    const whole = await anthropic.messages.create(asked);
    expect(whole.content.map(({ type }) => type)).toEqual(["thinking", "text"]);
    expect((await anthropic.messages.stream(asked).finalMessage()).content).toEqual(whole.content);
    simulator().faults.script([{ fault: { kind: "overloaded" } }]);
    await expect(anthropic.messages.create(asked)).rejects.toMatchObject({ status: 529, type: "overloaded_error" });
  });
});

describe("Workers AI through the cloudflare SDK", () => {
  const account_id = "simulated";
  const cloudflare = (apiToken = simulator().apiKey("workers-ai")) =>
    new Cloudflare({ apiToken, baseURL: simulator().baseUrl("workers-ai"), maxRetries: 0 });

  test("runs a text model in the native shape, and a newer one in OpenAI's", async () => {
    const native = await cloudflare().ai.run("@cf/meta/llama-3.3-70b-instruct-fp8-fast", {
      account_id,
      messages: [{ role: "user", content: "Hello" }],
    });
    expect(native).toMatchObject({
      response: "[simulated workers-ai/@cf/meta/llama-3.3-70b-instruct-fp8-fast] Hello",
      tool_calls: [],
    });
    const newer = await cloudflare().ai.run("@cf/openai/gpt-oss-20b", {
      account_id,
      messages: [{ role: "user", content: "Hello" }],
    });
    expect(newer).toMatchObject({
      choices: [{ message: { content: "[simulated workers-ai/@cf/openai/gpt-oss-20b] Hello" } }],
    });
  });

  test("calls tools natively with objects for arguments and no ids", async () => {
    const made = await cloudflare().ai.run("@cf/ibm-granite/granite-4.0-h-micro", {
      account_id,
      messages: [{ role: "user", content: question }],
      tools: [
        { name: "get_weather", description: "Weather", parameters: { type: "object", properties: {}, required: [] } },
      ],
    });
    expect(made).toMatchObject({
      response: "",
      tool_calls: [
        { name: "get_weather", arguments: { city: "Oslo" } },
        { name: "get_weather", arguments: { city: "Bergen" } },
      ],
    });
  });

  test("embeds, reranks and lists models", async () => {
    const embedded = await cloudflare().ai.run("@cf/baai/bge-m3", { account_id, text: ["alpha", "beta"] });
    expect(embedded).toMatchObject({ shape: [2, 1_024], data: [expect.any(Array), expect.any(Array)] });
    const ranked = await cloudflare().post(`/accounts/${account_id}/ai/run/@cf/baai/bge-reranker-base`, {
      body: { query: "where the cat sat", contexts: [{ text: "tax return" }, { text: "the cat sat here" }], top_k: 1 },
    });
    expect(ranked).toMatchObject({ result: { response: [{ id: 1, score: expect.any(Number) }] } });
    const names: string[] = [];
    for await (const model of cloudflare().ai.models.list({ account_id })) names.push((model as { name: string }).name);
    expect(names).toContain("@cf/zai-org/glm-5.3");
  });

  test("fails with codes in the envelope", async () => {
    await expect(cloudflare("wrong").ai.run("@cf/baai/bge-m3", { account_id, text: "x" })).rejects.toMatchObject({
      status: 401,
      errors: [{ code: 10_000 }],
    });
    await expect(cloudflare().ai.run("@cf/no/such", { account_id, text: "x" })).rejects.toMatchObject({
      status: 400,
      errors: [{ code: 5_007 }],
    });
    simulator().faults.script([{ fault: { kind: "quota_exhausted" } }]);
    await expect(cloudflare().ai.run("@cf/baai/bge-m3", { account_id, text: "x" })).rejects.toMatchObject({
      status: 429,
      errors: [{ code: 3_036 }],
    });
  });
});
