import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { shippedRows } from "../../src/catalog/shipped.ts";
import type { ModelCard } from "../../src/core/model-card.ts";
import { acceptedTextParams } from "../../src/providers/accepted-params.ts";
import type { Adapter } from "../../src/providers/adapter.ts";
import { readTextEvents } from "../../src/providers/answer.ts";
import { type CollectedText, collectText } from "../../src/providers/collect.ts";
import { joinEmbeddings } from "../../src/providers/join.ts";
import { loadAdapter, providerList } from "../../src/providers/registry.ts";
import type { EmbeddingResult } from "../../src/providers/shapes/embedding.ts";
import type { TextEvent } from "../../src/providers/shapes/event.ts";
import type { TextParams, TextRequest } from "../../src/providers/shapes/text.ts";
import type { Credentials, WireAnswer, WireRequest } from "../../src/providers/shapes/wire.ts";
import type { Succeeded } from "../../src/providers/task-adapter.ts";
import { readBytes } from "../../src/providers/wire/read.ts";
import { openWire, type Wire } from "../../src/providers/wire/wire.ts";
import { WireError } from "../../src/providers/wire/wire-error.ts";
import type { FaultInput } from "../../src/simulator/faults/fault.ts";
import { type ProviderName, textProviderNames } from "../../src/simulator/provider.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { ask, weatherTool } from "./support/model.ts";

/**
 * The adapters against the simulators, which were written from the same documents by other hands, are as strict as the
 * providers, and are themselves held to the providers' official clients.
 */
let simulator: Simulator;
let wire: Wire;
beforeAll(async () => {
  simulator = await startSimulator();
  wire = openWire();
});
afterAll(async () => {
  await wire.close();
  await simulator.close();
});

interface Target {
  readonly adapter: Adapter;
  readonly model: ModelCard;
}

/** Cloudflare's own client is set to the API's root; our base URL names the account as well. */
function baseUrl(provider: ProviderName): string {
  const account = adapterBaseUrls.get(provider)?.includes("{CLOUDFLARE_ACCOUNT_ID}") ? "/accounts/simulated/ai" : "";
  return `${simulator.baseUrl(provider)}${account}`;
}

function credentialsOf(provider: ProviderName): Credentials {
  return { apiKey: simulator.apiKey(provider), baseUrl: baseUrl(provider) };
}

async function unary(request: WireRequest): Promise<WireAnswer> {
  const { status, headers, body } = await wire.send(request, { signal: new AbortController().signal });
  const bytes = await readBytes(body, 10_000_000);
  expect(status, Buffer.from(bytes).toString()).toBe(200);
  return { status, headers, body: bytes };
}

async function answerTo({ adapter, model }: Target, request: TextRequest, waitMs = 20_000): Promise<CollectedText> {
  const provider = adapter.provider as ProviderName;
  if (!adapter.text) throw new Error("no text");
  const wanted = adapter.text.request(request, model, credentialsOf(provider));
  const options = { signal: new AbortController().signal, firstByteTimeoutMs: waitMs, betweenChunksTimeoutMs: waitMs };
  try {
    const response = await wire.send(wanted, options);
    const events: TextEvent[] = [];
    const batches = readTextEvents(adapter, adapter.text.decoder(model, request), response);
    for await (const batch of batches) events.push(...batch);
    return collectText(events, { responseSchema: request.response_schema });
  } catch (error) {
    if (error instanceof WireError) return collectText([{ type: "failure", failure: error.failure }]);
    throw error;
  }
}

const adapterBaseUrls = new Map(providerList.map(({ provider, defaultBaseUrl }) => [provider, defaultBaseUrl]));
const catalog = openCatalog(await shippedRows());
const forecast = { ...weatherTool, name: "weather.forecast" };
const schema = {
  type: "object",
  properties: {
    city: { type: "string", minLength: 1 },
    degrees: { type: "number" },
    tags: { type: "array", items: { type: "string" } },
  },
  required: ["city", "degrees"],
};

/** A request for every effort and every parameter that an adapter says a model takes. */
function acceptedRequests({ adapter, model }: Target): TextParams[] {
  if (!adapter.text) throw new Error("no text");
  const properties = acceptedTextParams(adapter.text, model).properties as Record<
    string,
    { enum?: string[]; description?: string }
  >;
  const one = (name: string, value: unknown): TextParams[] => {
    const property = properties[name];
    if (!property) return [];
    return [{ [name]: value, ...(property.description?.startsWith("Only") && { reasoning_effort: "none" as const }) }];
  };
  return [
    {},
    ...one("max_output_tokens", 2_048),
    ...one("temperature", 1),
    ...one("top_p", 0.97),
    ...one("stop", ["END", "FIN"]),
    ...one("seed", 7),
    ...(properties.reasoning_effort?.enum ?? []).map((reasoning_effort) => ({ reasoning_effort }) as TextParams),
  ];
}

/** One model of those that an adapter treats alike. */
function oneOfEach({ text }: Adapter, models: readonly ModelCard[]): ModelCard[] {
  const kinds = Map.groupBy(models, (model) => {
    const { properties } = text ? acceptedTextParams(text, model) : {};
    return JSON.stringify([properties, model.features, model.input, model.nativeId.replace(/[^a-z]/gi, "")]);
  });
  return [...kinds.values()].flatMap(([first]) => first ?? []);
}

describe.each(textProviderNames)("%s simulated", (provider) => {
  const models = catalog.search({ provider, task: "text" });

  test("accepts every request that the adapter lets through, for every kind of text model in the catalog", async () => {
    const adapter = await loadAdapter(provider);
    if (!adapter) throw new Error("no adapter");
    const refused: string[] = [];
    for (const model of oneOfEach(adapter, models)) {
      for (const params of acceptedRequests({ adapter, model })) {
        const { failure } = await answerTo({ adapter, model }, ask("Say hello", { system: "Be terse.", params }));
        if (failure) refused.push(`${model.id} ${JSON.stringify(params)}: ${failure.message}`);
      }
    }
    expect(refused).toEqual([]);
  });

  test("is billed what the adapter counts", async () => {
    const adapter = await loadAdapter(provider);
    const model = models.find(({ features }) => features.reasoning);
    if (!adapter || !model) throw new Error("no model");
    for (const prompt of ["Say 40 words", "think and say 10 words", "Say 40 words"]) {
      const { usage } = await answerTo({ adapter, model }, ask(prompt, { system: "Be terse. ".repeat(600) }));
      await simulator.book.idle();
      const billed = simulator.book.entries.at(-1)?.billed;
      const known = Object.fromEntries(Object.entries(billed ?? {}).filter(([, amount]) => amount));
      // Reasoning is part of the output; not every provider says how much of it.
      if (usage.reasoningTokens === undefined) delete known.reasoningTokens;
      expect(usage).toMatchObject(known);
    }
  });

  test("goes through two rounds of tool calls with reasoning, signatures intact", async () => {
    const adapter = await loadAdapter(provider);
    if (!adapter) throw new Error("no adapter");
    for (const model of models.filter(({ features }) => features.tools)) {
      const target = { adapter, model };
      const asked = `think. call get_weather {"city":"Oslo"} call weather.forecast {"city":"Bergen"} call weather_forecast {"city":"Bergen"} then call get_weather {"city":"Tromsø"}`;
      let request = ask(asked, { tools: [weatherTool, forecast] });
      const rounds: string[] = [];
      for (let round = 0; round < 3; round++) {
        const answer = await answerTo(target, request);
        expect(answer.failure, model.id).toBeUndefined();
        rounds.push((answer.tool_calls ?? []).map((call) => `${call.name} ${call.arguments.city}`).join(", "));
        const results = (answer.tool_calls ?? []).map((call) => ({
          role: "tool" as const,
          tool_call_id: call.id,
          content: "3°C",
        }));
        const stored = JSON.parse(JSON.stringify([answer.message, ...results])) as typeof request.messages;
        request = { ...request, messages: [...request.messages, ...stored] };
      }
      expect(rounds, model.id).toEqual(["get_weather Oslo, weather.forecast Bergen", "get_weather Tromsø", ""]);
    }
  });

  test("answers in the schema that was asked for", async () => {
    const adapter = await loadAdapter(provider);
    if (!adapter) throw new Error("no adapter");
    for (const model of models) {
      const request = ask("The weather", { response_schema: schema });
      if ((adapter.text?.check?.(request, model) ?? []).length > 0) continue;
      const answer = await answerTo({ adapter, model }, request);
      expect(answer.failure, model.id).toBeUndefined();
      expect(answer.json, model.id).toMatchObject({ city: expect.any(String), degrees: expect.any(Number) });
    }
  });

  test("makes vectors, in as many exchanges as it takes", async () => {
    const adapter = await loadAdapter(provider);
    const embedding = adapter?.embedding;
    if (!embedding) return;
    const input = Array.from({ length: 23 }, (_, at) => `text number ${at}`);
    for (const model of catalog.search({ provider, task: "embedding" })) {
      const parts: Succeeded<EmbeddingResult>[] = [];
      for (const part of embedding.split?.({ prompt: "", params: { input } }, model) ?? []) {
        const outcome = embedding.decode(
          await unary(embedding.request(part, model, credentialsOf(provider))),
          part,
          model,
        );
        if ("failure" in outcome) throw new Error(`${model.id}: ${outcome.failure.message}`);
        parts.push(outcome);
      }
      const { result } = joinEmbeddings(parts);
      expect(result.embeddings, model.id).toHaveLength(input.length);
      const [first] = result.embeddings;
      expect(new Set(result.embeddings.map((vector) => vector.length)), model.id).toEqual(new Set([first?.length]));
    }
  });

  test("lists its models", async () => {
    const adapter = await loadAdapter(provider);
    if (!adapter?.models) return;
    const listed = adapter.models.decode(await unary(adapter.models.request(credentialsOf(provider))));
    expect(listed?.length).toBeGreaterThan(0);
  });

  test("sees images", async () => {
    const adapter = await loadAdapter(provider);
    const model = models.find(({ input }) => input.includes("image"));
    if (!adapter || !model) return;
    const png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    const content = [
      { type: "image" as const, data: png },
      { type: "text" as const, text: "What is it?" },
    ];
    const answer = await answerTo({ adapter, model }, { messages: [{ role: "user", content }], params: {} });
    expect(answer.text).toContain("1 image");
  });

  test.each<[string, FaultInput, string[]]>([
    ["too many requests", { kind: "rate_limited", retry: "seconds", afterMs: 3_000 }, ["rate_limited"]],
    ["no quota", { kind: "quota_exhausted" }, ["quota_exhausted"]],
    ["a bad key", { kind: "invalid_key" }, ["unauthenticated"]],
    ["a server error", { kind: "server_error" }, ["server_error"]],
    ["a bad gateway", { kind: "bad_gateway" }, ["server_error", "overloaded"]],
    ["an unavailable server", { kind: "unavailable" }, ["overloaded", "server_error"]],
    ["an overloaded server", { kind: "overloaded" }, ["overloaded", "server_error"]],
    ["a refused connection", { kind: "refuse_connection" }, ["network"]],
    ["a lost answer", { kind: "lose_answer" }, ["network"]],
    ["a stall before the answer", { kind: "stall_before_headers" }, ["timeout"]],
    ["a stall in the answer", { kind: "stall_mid_stream", afterEvents: 1 }, ["timeout"]],
    ["a cut", { kind: "cut_mid_stream", afterEvents: 1, how: "close" }, ["network"]],
    ["an end that is none", { kind: "cut_mid_stream", afterEvents: 1, how: "end" }, ["network"]],
    ["an error as the first event", { kind: "error_event", afterEvents: 0 }, ["overloaded", "server_error"]],
    ["an error after some text", { kind: "error_event", afterEvents: 3 }, ["overloaded", "server_error"]],
    ["a page", { kind: "html" }, ["malformed", "network"]],
    ["JSON that is cut", { kind: "truncated_json" }, ["malformed", "network"]],
  ])("fails by %s, and the adapter says so", async (_name, fault, kinds) => {
    const adapter = await loadAdapter(provider);
    const [model] = models;
    if (!adapter || !model) throw new Error("no model");
    simulator.faults.script([{ fault, provider }]);
    const waitMs = fault.kind.startsWith("stall") ? 80 : undefined;
    const answer = await answerTo({ adapter, model }, ask("Say 40 words"), waitMs);
    expect(kinds).toContain(answer.failure?.kind);
    expect(answer.finish_reason).toBeUndefined();
    if (fault.kind === "rate_limited") expect(answer.failure?.retryAfterMs).toBe(3_000);
  });

  test.each<[string, FaultInput]>([
    ["writes split anywhere", { kind: "split_writes", maxBytes: 3 }],
    ["usage twice", { kind: "usage_twice" }],
    ["usage early", { kind: "usage_early" }],
  ])("with %s gives the same answer and the same usage", async (_name, fault) => {
    const adapter = await loadAdapter(provider);
    const [model] = models;
    if (!adapter || !model) throw new Error("no model");
    const plain = await answerTo({ adapter, model }, ask("Say 40 words – grüße"));
    simulator.faults.script([{ fault, provider }]);
    const odd = await answerTo({ adapter, model }, ask("Say 40 words – grüße"));
    expect({ ...odd, requestId: "" }).toEqual({ ...plain, requestId: "" });
  });
});
