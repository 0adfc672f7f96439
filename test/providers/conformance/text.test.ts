import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readTextEvents } from "../../../src/providers/answer.ts";
import { type CollectedText, collectText } from "../../../src/providers/collect.ts";
import type { TextEvent } from "../../../src/providers/shapes/event.ts";
import type { TextRequest } from "../../../src/providers/shapes/text.ts";
import { openWire, type Wire } from "../../../src/providers/wire/wire.ts";
import { ask, weatherTool } from "../support/model.ts";
import { serve, type TestServer } from "../support/server.ts";
import { type Body, json, type Spoken, type SpokenError, spokenUsage } from "./speaker.ts";
import { type Behaviour, behaviours, type Conforming, conforming } from "./table.ts";

/** What the loopback server answers next, and what it was asked. */
let next: Spoken & { readonly cut?: boolean; readonly chunkBytes?: number };
let asked: { path: string; body: Body }[] = [];
let open = 0;
let server: TestServer;
let wire: Wire;

beforeAll(async () => {
  wire = openWire();
  server = await serve(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    asked.push({ path: request.url ?? "", body: JSON.parse(Buffer.concat(chunks).toString()) as Body });
    open++;
    response.on("close", () => open--);
    response.writeHead(next.status, next.headers);
    const bytes = Buffer.from(next.body);
    const step = next.chunkBytes ?? bytes.byteLength + 1;
    for (let at = 0; at < bytes.byteLength; at += step) {
      await new Promise<unknown>((resolve) => response.write(bytes.subarray(at, at + step), resolve));
    }
    if (next.cut === undefined) response.end();
    else if (next.cut) response.destroy();
  });
});
afterAll(async () => {
  await wire.close();
  await server.close();
});
beforeEach(() => {
  asked = [];
});

async function eventsOf(
  { adapter, model }: Conforming,
  request: TextRequest,
  signal = new AbortController().signal,
): Promise<TextEvent[]> {
  if (!adapter.text) throw new Error("no text");
  const wanted = adapter.text.request(request, model, { apiKey: "k", baseUrl: server.url });
  const response = await wire.send(wanted, { signal });
  const events: TextEvent[] = [];
  for await (const batch of readTextEvents(adapter, adapter.text.decoder(model, request), response))
    events.push(...batch);
  return events;
}

async function answerTo(provider: Conforming, request: TextRequest): Promise<CollectedText> {
  return collectText(await eventsOf(provider, request), { responseSchema: request.response_schema });
}

const body = () => asked.at(-1)?.body ?? {};
const oslo = { id: "call_a", name: "get_weather", arguments: { city: "Oslo – “ø”" } };
const bergen = { id: "call_b", name: "get_weather", arguments: { city: "Bergen" } };
const schema = { type: "object", properties: { n: { type: "integer" } }, required: ["n"], additionalProperties: false };

/** What a provider that lacks a behaviour has to refuse. */
const refused: Partial<Record<Behaviour, { request: TextRequest; field: string }>> = {
  schema: { request: ask("n?", { response_schema: schema }), field: "response_schema" },
  effort: { request: ask("Hi", { params: { reasoning_effort: "high" } }), field: "reasoning_effort" },
};

const checks: Record<Behaviour, (provider: Conforming) => Promise<void>> = {
  async stream(provider) {
    const spoken = provider.speaker.answer({ text: "Grüße aus Oslo 🙂" });
    for (const chunkBytes of [undefined, 1, 7]) {
      next = chunkBytes === undefined ? spoken : { ...spoken, chunkBytes };
      const answer = await answerTo(provider, ask("Hi", { params: { max_output_tokens: 200 } }));
      expect(answer).toMatchObject({ text: "Grüße aus Oslo 🙂", finish_reason: "stop" });
      expect(answer.failure).toBeUndefined();
    }
    expect(asked[0]?.path).toBe(provider.speaker.path);
    expect(provider.speaker.maxTokensIn(body())).toBe(200);
  },
  async system(provider) {
    next = provider.speaker.answer({ text: "Hi" });
    await answerTo(provider, ask("Hi", { system: "Be terse." }));
    expect(provider.speaker.systemIn(body())).toBe("Be terse.");
  },
  async tools(provider) {
    next = provider.speaker.answer({ text: "Let me see.", calls: [oslo] });
    const request = ask("Weather?", { tools: [weatherTool] });
    const answer = await answerTo(provider, request);
    expect(provider.speaker.toolNamesIn(body())).toEqual(["get_weather"]);
    expect(answer).toMatchObject({ text: "Let me see.", tool_calls: [oslo], finish_reason: "tool_calls" });
    next = provider.speaker.answer({ text: "3 degrees" });
    const result = { role: "tool" as const, tool_call_id: answer.tool_calls?.[0]?.id, content: "3°C" };
    await answerTo(provider, { ...request, messages: [...request.messages, answer.message, result] });
    expect(provider.speaker.toolResultIn(body())).toEqual(["call_a", "3°C"]);
  },
  async parallel(provider) {
    next = provider.speaker.answer({ calls: [oslo, bergen] });
    const answer = await answerTo(provider, ask("Weather?", { tools: [weatherTool] }));
    expect(answer.tool_calls).toMatchObject([oslo, bergen]);
  },
  async names(provider) {
    const tools = [{ ...weatherTool, name: "weather/get current" }];
    next = provider.speaker.answer({ calls: [] });
    await answerTo(provider, ask("Weather?", { tools }));
    const [wireName] = provider.speaker.toolNamesIn(body()) as string[];
    expect(wireName).toMatch(/^[A-Za-z_][A-Za-z0-9_-]{0,63}$/);
    next = provider.speaker.answer({ calls: [{ ...oslo, name: wireName ?? "" }] });
    const answer = await answerTo(provider, ask("Weather?", { tools }));
    expect(answer.tool_calls?.[0]?.name).toBe("weather/get current");
  },
  async schema(provider) {
    next = provider.speaker.answer({ text: '{"n":4}' });
    const answer = await answerTo(provider, ask("n?", { response_schema: schema }));
    expect(provider.speaker.schemaIn(body())).toEqual(schema);
    expect(answer.json).toEqual({ n: 4 });
  },
  async image(provider) {
    next = provider.speaker.answer({ text: "A kite" });
    const data = "iVBORw0KGgo=";
    const fetches = provider.adapter.text?.fetchesUrl?.(
      { type: "image", url: "https://ex.test/a.png" },
      provider.model,
    );
    const content = [
      { type: "image" as const, data },
      ...(fetches ? [{ type: "image" as const, url: "https://ex.test/a.png" }] : []),
      { type: "text" as const, text: "What is it?" },
    ];
    await answerTo(provider, { messages: [{ role: "user", content }], params: {} });
    const expected = [`data:image/png;base64,${data}`, ...(fetches ? ["https://ex.test/a.png"] : [])];
    expect(provider.speaker.imagesIn(body())).toEqual(expected);
  },
  async reasoning(provider) {
    next = provider.speaker.answer({ thought: "Two and two.", text: "Four" });
    const answer = await answerTo(provider, ask("2+2?"));
    expect(answer).toMatchObject({ reasoning: "Two and two.", text: "Four" });
  },
  async replay(provider) {
    next = provider.speaker.answer({ thought: "I need the tool.", calls: [oslo] });
    const request = ask("Weather?", { tools: [weatherTool] });
    const answer = await answerTo(provider, request);
    const result = { role: "tool" as const, tool_call_id: oslo.id, content: "3°C" };
    // What a client stores as JSON and sends again.
    const stored = JSON.parse(JSON.stringify(answer.message)) as typeof answer.message;
    await answerTo(provider, { ...request, messages: [...request.messages, stored, result] });
    const back = JSON.stringify(provider.speaker.reasoningIn(body()));
    expect(back).toContain("I need the tool.");
    const sealed = /(?:EqQB|EpEg|gAAA)\+\/==/.exec(next.body)?.[0];
    if (sealed) expect(back).toContain(sealed);
  },
  async effort(provider) {
    next = provider.speaker.answer({ text: "Hi" });
    await answerTo(provider, ask("Hi", { params: { reasoning_effort: "high" } }));
    expect(JSON.stringify(body())).toMatch(
      /"(?:effort|reasoning_effort|thinkingLevel)":"high"|"HIGH"|"thinking_budget":\d/,
    );
  },
  async usage(provider) {
    next = provider.speaker.answer({ text: "Hi" });
    expect((await answerTo(provider, ask("Hi"))).usage).toMatchObject(spokenUsage);
  },
  async finish(provider) {
    for (const finish of ["length", "content_filter"] as const) {
      next = provider.speaker.answer({ text: "Hel", finish });
      expect((await answerTo(provider, ask("Hi"))).finish_reason).toBe(finish);
    }
  },
  async errors(provider) {
    const kinds: SpokenError[] = [
      "rate_limited",
      "quota_exhausted",
      "unauthenticated",
      "bad_request",
      "not_found",
      "overloaded",
      "server_error",
    ];
    for (const kind of kinds) {
      next = provider.speaker.error(kind);
      const events = await eventsOf(provider, ask("Hi"));
      expect(events.map((event) => (event.type === "failure" ? event.failure.kind : event.type))).toEqual([kind]);
      const last = events.at(-1);
      const asksToWait = next.headers["retry-after"] ?? /"retryDelay":"(\d+)s"/.exec(next.body)?.[1];
      if (asksToWait && last?.type === "failure") expect(last.failure.retryAfterMs).toBe(Number(asksToWait) * 1000);
    }
    next = { status: 502, headers: { "content-type": "text/html" }, body: "<html><title>Bad Gateway</title></html>" };
    expect((await answerTo(provider, ask("Hi"))).failure?.kind).toBe("server_error");
    next = { status: 200, headers: json, body: '{"choices":[{"mess' };
    expect((await answerTo(provider, ask("Hi"))).failure).toBeDefined();
  },
  async "in-band"(provider) {
    next = provider.speaker.failing();
    const answer = await answerTo(provider, ask("Hi"));
    expect(answer.text).toBe(provider.name === "google" ? "He" : "Hello".slice(0, answer.text?.length));
    expect(answer.failure?.kind).toBe("server_error");
    expect(answer.finish_reason).toBeUndefined();
  },
  async cut(provider) {
    const spoken = provider.speaker.answer({ text: "Hello" });
    for (const cut of [true, undefined]) {
      next = { ...spoken, body: provider.speaker.cut({ text: "Hello" }), ...(cut && { cut }) };
      const answer = await answerTo(provider, ask("Hi"));
      expect(answer.failure?.kind).toBe("network");
      expect(answer.finish_reason).toBeUndefined();
    }
  },
  async cancel(provider) {
    next = { ...provider.speaker.answer({ text: "Hello" }), body: provider.speaker.cut({ text: "Hello" }), cut: false };
    const abort = new AbortController();
    const { adapter, model } = provider;
    if (!adapter.text) throw new Error("no text");
    const request = ask("Hi");
    const wanted = adapter.text.request(request, model, { apiKey: "k", baseUrl: server.url });
    const response = await wire.send(wanted, { signal: abort.signal });
    const events = readTextEvents(adapter, adapter.text.decoder(model, request), response);
    await events.next();
    abort.abort();
    await expect(events.next()).rejects.toMatchObject({ code: "cancelled" });
    while (open > 0) await new Promise((resolve) => setImmediate(resolve));
  },
};

describe.each(conforming.map((provider) => [provider.name, provider] as const))("%s", (_name, provider) => {
  for (const [behaviour, what] of Object.entries(behaviours) as [Behaviour, string][]) {
    const lack = provider.lacks[behaviour];
    if (lack === undefined) {
      test(`${behaviour}: ${what}`, () => checks[behaviour](provider));
    } else if (refused[behaviour]) {
      const { request, field } = refused[behaviour];
      test(`${behaviour}: is refused, since ${lack}`, () => {
        expect(() =>
          provider.adapter.text?.request(request, provider.model, { apiKey: "k", baseUrl: "http://x" }),
        ).toThrow(field);
      });
    }
  }
});
