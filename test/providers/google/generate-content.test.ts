import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { google } from "../../../src/providers/google/index.ts";
import { ask, card, weatherTool } from "../support/model.ts";
import { bodyOf, collect, data, decode, wireRequest } from "../support/stream.ts";

const model = card("google/gemini-3.8-flash", { input: ["text", "image", "audio", "video", "file"] });
const old = card("google/gemini-2.5-flash");
const chunk = (parts: readonly object[], rest: object = {}) => ({
  candidates: [{ index: 0, content: { role: "model", parts }, ...rest }],
  modelVersion: "gemini-3.8-flash",
  responseId: "aB3",
});

describe("requests to generateContent", () => {
  test("system, media, tools, schema and effort become one body", () => {
    const request = wireRequest(google, model, {
      system: "Be terse.",
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "Weather?" },
            { type: "image", data: "iVBORw0KGgo=" },
            { type: "video", url: "https://ex.test/a.mp4" },
          ],
        },
      ],
      params: { max_output_tokens: 512, reasoning_effort: "low", seed: 3, stop: ["END"] },
      tools: [weatherTool, { name: "now", parameters: { type: "object", properties: {} } }],
      tool_choice: { name: "get_weather" },
      response_schema: { $schema: "x", type: "object", properties: { kind: { const: "a" } } },
    });
    expect(request.url).toBe("http://127.0.0.1:9/models/gemini-3.8-flash:streamGenerateContent?alt=sse");
    expect(request.headers["x-goog-api-key"]).toBe("test-key");
    expect(JSON.parse(String(request.body))).toEqual({
      systemInstruction: { parts: [{ text: "Be terse." }] },
      contents: [
        {
          role: "user",
          parts: [
            { text: "Weather?" },
            { inlineData: { mimeType: "image/png", data: "iVBORw0KGgo=" } },
            { fileData: { mimeType: "video/mp4", fileUri: "https://ex.test/a.mp4" } },
          ],
        },
      ],
      tools: [
        {
          functionDeclarations: [
            { name: "get_weather", description: "Current weather", parametersJsonSchema: weatherTool.parameters },
            { name: "now" },
          ],
        },
      ],
      toolConfig: { functionCallingConfig: { mode: "ANY", allowedFunctionNames: ["get_weather"] } },
      generationConfig: {
        maxOutputTokens: 512,
        seed: 3,
        stopSequences: ["END"],
        thinkingConfig: { thinkingLevel: "LOW", includeThoughts: true },
        responseMimeType: "application/json",
        responseJsonSchema: { type: "object", properties: { kind: { enum: ["a"] } } },
      },
    });
  });

  test("native fields join the generation config and cannot raise its bounds", () => {
    const native = { generationConfig: { topK: 5 }, safetySettings: [] };
    expect(bodyOf(google, model, ask("Hi", { params: { seed: 1 }, provider_options: native }))).toMatchObject({
      generationConfig: { seed: 1, topK: 5 },
      safetySettings: [],
    });
    const raised = { generationConfig: { maxOutputTokens: 1e6 } };
    expect(() => bodyOf(google, model, ask("Hi", { provider_options: raised }))).toThrow(
      "generationConfig.maxOutputTokens",
    );
  });

  test.each([
    ["gemini-2.5-flash", "none", { thinkingBudget: 0 }],
    ["gemini-2.5-flash", "max", { thinkingBudget: 24_576, includeThoughts: true }],
    ["gemini-2.5-pro", "minimal", { thinkingBudget: 512, includeThoughts: true }],
    ["gemini-2.5-pro", "max", { thinkingBudget: 32_768, includeThoughts: true }],
    ["gemini-2.5-pro", "none", undefined],
    ["gemini-3.6-flash", "minimal", { thinkingLevel: "MINIMAL", includeThoughts: true }],
    ["gemini-3.8-flash", "minimal", { thinkingLevel: "LOW", includeThoughts: true }],
    ["gemini-3.8-flash", "none", undefined],
    ["gemini-4-hydrogen", "max", { thinkingLevel: "XHIGH", includeThoughts: true }],
    ["gemini-pro-latest", "max", { thinkingLevel: "HIGH", includeThoughts: true }],
  ] as const)("%s at effort %s thinks as its family does", (id, effort, expected) => {
    const send = () => bodyOf(google, card(`google/${id}`), ask("Hi", { params: { reasoning_effort: effort } }));
    if (expected) expect(send().generationConfig).toEqual({ thinkingConfig: expected });
    else expect(send).toThrow(/reasoning_effort/);
  });

  test.each([
    [model, { params: { temperature: 1 } }, "params.temperature"],
    [old, { params: {}, tools: [weatherTool], response_schema: { type: "object" } }, "response_schema"],
    [
      old,
      { messages: [{ role: "user", content: [{ type: "image", url: "https://ex.test/a.png" }] }], params: {} },
      "messages[0].content[0].url",
    ],
  ] as const)("%o refuses %j", (target, rest, field) => {
    expect(() => bodyOf(google, target, ask("Hi", rest as never))).toThrow(field);
  });

  test("a tool result is matched to its call, by the provider's own id where there was one", () => {
    const body = bodyOf(google, model, {
      messages: [
        { role: "user", content: "Weather?" },
        {
          role: "assistant",
          content: "",
          tool_calls: [
            {
              id: "fc_7",
              name: "get_weather",
              arguments: { city: "Oslo" },
              opaque: { google: { id: "fc_7", thoughtSignature: "Ep+/=" } },
            },
            { id: "aB3_1", name: "get_weather", arguments: {}, opaque: { google: {} } },
          ],
        },
        { role: "tool", tool_call_id: "fc_7", content: "3°C" },
        { role: "tool", tool_call_id: "aB3_1", content: "5°C" },
      ],
      params: {},
    });
    expect((body.contents as unknown[]).slice(1)).toEqual([
      {
        role: "model",
        parts: [
          { functionCall: { id: "fc_7", name: "get_weather", args: { city: "Oslo" } }, thoughtSignature: "Ep+/=" },
          { functionCall: { name: "get_weather", args: {} } },
        ],
      },
      {
        role: "user",
        parts: [
          { functionResponse: { id: "fc_7", name: "get_weather", response: { output: "3°C" } } },
          { functionResponse: { name: "get_weather", response: { output: "5°C" } } },
        ],
      },
    ]);
    expect(() =>
      bodyOf(google, model, { messages: [{ role: "tool", tool_call_id: "nobody", content: "x" }], params: {} }),
    ).toThrow('"nobody"');
  });

  test("a call made by another provider gets the stand-in signature on the first of its turn, from Gemini 3 on", () => {
    const request = {
      messages: [
        { role: "user" as const, content: "Weather?" },
        {
          role: "assistant" as const,
          content: "",
          tool_calls: [
            { id: "call_1", name: "get_weather", arguments: {} },
            { id: "call_2", name: "get_weather", arguments: {} },
          ],
        },
      ],
      params: {},
    };
    const signatures = (target: typeof model) => {
      const contents = bodyOf(google, target, request).contents as { parts: { thoughtSignature?: string }[] }[];
      return contents[1]?.parts.map((part) => part.thoughtSignature);
    };
    expect(signatures(model)).toEqual(["skip_thought_signature_validator", undefined]);
    expect(signatures(old)).toEqual([undefined, undefined]);
  });
});

describe("generateContent streams", () => {
  test("thoughts, text and a whole call become canonical events; thoughts count as output", async () => {
    const stream = data(
      chunk([{ text: "Looking", thought: true }], {}),
      {
        ...chunk([
          { functionCall: { id: "fc_7", name: "get_weather", args: { city: "Oslo" } }, thoughtSignature: "EpEg" },
        ]),
        usageMetadata: { promptTokenCount: 61 },
      },
      {
        ...chunk([{ text: "", thoughtSignature: "Late=" }], { finishReason: "STOP" }),
        usageMetadata: {
          promptTokenCount: 61,
          candidatesTokenCount: 16,
          thoughtsTokenCount: 48,
          cachedContentTokenCount: 32,
          toolUsePromptTokenCount: 4,
          totalTokenCount: 129,
        },
      },
    ).replaceAll("\n", "\r\n");
    expect(await decode(google, model, stream)).toEqual([
      { type: "start", model: "gemini-3.8-flash", requestId: "aB3" },
      { type: "reasoning", text: "Looking" },
      { type: "reasoning_part", part: { type: "reasoning", text: "Looking", provider: "google" } },
      {
        type: "tool_call",
        index: 0,
        id: "fc_7",
        name: "get_weather",
        opaque: { google: { id: "fc_7", thoughtSignature: "EpEg" } },
      },
      { type: "tool_arguments", index: 0, text: '{"city":"Oslo"}' },
      { type: "usage", usage: { inputTokens: 61, cachedInputTokens: 0, outputTokens: 0, reasoningTokens: 0 } },
      {
        type: "reasoning_part",
        part: {
          type: "reasoning",
          provider: "google",
          opaque: { block: { thoughtSignature: "Late=", onText: 0 }, after_tool_calls: 1 },
        },
      },
      { type: "usage", usage: { inputTokens: 65, cachedInputTokens: 32, outputTokens: 64, reasoningTokens: 48 } },
      { type: "finish", reason: "tool_calls" },
    ]);
  });

  test("calls without an id get one that is unique in the conversation", async () => {
    const calls = [{ functionCall: { name: "a", args: {} } }, { functionCall: { name: "b" } }];
    const answer = await collect(google, model, data(chunk(calls, { finishReason: "STOP" })));
    expect(answer.tool_calls?.map((call) => call.id)).toEqual(["aB3_0", "aB3_1"]);
  });

  test.each([
    ["MAX_TOKENS", "length"],
    ["SAFETY", "content_filter"],
    ["RECITATION", "content_filter"],
    ["OTHER", "stop"],
  ])("finishReason %s is %s", async (finishReason, reason) => {
    const answer = await collect(google, model, data({ candidates: [{ finishReason }] }));
    expect(answer.finish_reason).toBe(reason);
  });

  test("a blocked prompt is a 200 without candidates and finishes as filtered", async () => {
    const answer = await collect(
      google,
      model,
      data({ promptFeedback: { blockReason: "SAFETY" }, usageMetadata: { promptTokenCount: 9 } }),
    );
    expect(answer).toMatchObject({
      finish_reason: "content_filter",
      finish_detail: "SAFETY",
      usage: { inputTokens: 9 },
    });
  });

  test("a malformed function call is a failure, not an answer", async () => {
    const answer = await collect(google, model, data({ candidates: [{ finishReason: "MALFORMED_FUNCTION_CALL" }] }));
    expect(answer.failure).toMatchObject({ kind: "malformed", code: "MALFORMED_FUNCTION_CALL" });
  });

  test("an error in place of a chunk is the failure it says", async () => {
    const error = { error: { code: 503, message: "Overloaded", status: "UNAVAILABLE" } };
    expect((await decode(google, model, data(chunk([{ text: "Hel" }]), error))).at(-1)).toEqual({
      type: "failure",
      failure: { kind: "overloaded", message: "Overloaded", status: 503, code: "UNAVAILABLE" },
    });
  });

  test("a stream without a finish reason is cut", async () => {
    expect((await collect(google, model, data(chunk([{ text: "Hel" }])))).failure?.kind).toBe("network");
  });

  test("a JSON array in place of a stream is read as its chunks", () => {
    const decoder = google.text?.decoder(model);
    const body = JSON.stringify([chunk([{ text: "Hel" }]), chunk([{ text: "lo" }], { finishReason: "STOP" })]);
    expect([...(decoder?.pushWhole?.(body) ?? []), ...(decoder?.end() ?? [])].at(-1)).toEqual({
      type: "finish",
      reason: "stop",
    });
  });
});

const words = fc.string({ minLength: 1, unit: "grapheme" });
const signature = fc.base64String({ minLength: 4 });
const modelPart = fc.oneof(
  fc.record({ text: words }),
  fc.record({ text: words, thoughtSignature: signature }),
  fc.record({ text: words, thought: fc.constant(true), thoughtSignature: signature }),
);
const callPart = fc
  .tuple(
    words,
    fc.dictionary(
      fc.string().filter((key) => key !== "__proto__"),
      fc.string(),
    ),
    fc.option(signature),
  )
  .map(([id, args, signed]) => ({
    functionCall: { id, name: "get_weather", args },
    ...(signed && { thoughtSignature: signed }),
  }));

/** Unsigned text next to unsigned text is one text: chunks are deltas. */
function merged(parts: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  const out: Record<string, unknown>[] = [];
  for (const part of parts) {
    const last = out.at(-1);
    const plain = (one: Record<string, unknown> | undefined) => one !== undefined && Object.keys(one).join() === "text";
    if (plain(last) && plain(part)) out[out.length - 1] = { text: `${last?.text}${part.text}` };
    else out.push(part);
  }
  return out;
}

test("a model turn comes back part by part, each signature on the part it came on, byte for byte", async () => {
  const turn = fc.tuple(
    fc.array(modelPart, { maxLength: 5 }),
    fc.uniqueArray(callPart, { maxLength: 3, selector: (part) => part.functionCall.id }),
  );
  await fc.assert(
    fc.asyncProperty(turn, async ([texts, calls]) => {
      const parts = [...texts, ...calls];
      fc.pre(parts.length > 0);
      const stream = data(...parts.map((part) => chunk([part])), chunk([], { finishReason: "STOP" }));
      const answer = await collect(google, model, stream);
      const body = bodyOf(google, model, { messages: [{ role: "user", content: "Go" }, answer.message], params: {} });
      expect((body.contents as { parts: unknown }[])[1]?.parts).toEqual(merged(parts));
    }),
    { numRuns: 300 },
  );
});
