import {
  ApiError,
  type Content,
  FunctionCallingConfigMode,
  type GenerateContentResponse,
  GoogleGenAI,
  ThinkingLevel,
} from "@google/genai";
import { describe, expect, test } from "vitest";
import { useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();

function client(apiKey = simulator().apiKey("google")): GoogleGenAI {
  // The SDK appends the API version itself, and would take v1.
  const baseUrl = simulator()
    .baseUrl("google")
    .replace(/\/v1beta$/, "");
  return new GoogleGenAI({ apiKey, httpOptions: { baseUrl, apiVersion: "v1beta" } });
}

const tools = [
  {
    functionDeclarations: [
      {
        name: "get_weather",
        parametersJsonSchema: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
      },
      { name: "now" },
    ],
  },
];

describe("generateContent through @google/genai", () => {
  test("answers with the user's text, marked as simulated, and bills what it says it bills", async () => {
    const made = await client().models.generateContent({
      model: "gemini-3.5-flash-lite",
      contents: "Hello there",
      config: { systemInstruction: "Be terse." },
    });
    expect(made.text).toBe("[simulated google/gemini-3.5-flash-lite] Hello there");
    expect(made.candidates?.[0]?.finishReason).toBe("STOP");
    await simulator().book.idle();
    expect(simulator().book.totals("google").billed).toMatchObject({
      inputTokens: made.usageMetadata?.promptTokenCount,
      outputTokens: made.usageMetadata?.candidatesTokenCount,
    });
  });

  test("streams the same text with usage that grows and ends at the whole", async () => {
    const asked = { model: "gemini-3.8-flash", contents: "say 40 words" };
    const whole = await client().models.generateContent(asked);
    const chunks: GenerateContentResponse[] = [];
    for await (const chunk of await client().models.generateContentStream(asked)) chunks.push(chunk);
    expect(chunks.map(({ text }) => text ?? "").join("")).toBe(whole.text);
    expect(chunks.at(-1)?.usageMetadata).toEqual(whole.usageMetadata);
    expect(whole.usageMetadata?.thoughtsTokenCount).toBe(16);
    const totals = chunks.map(({ usageMetadata }) => usageMetadata?.totalTokenCount ?? 0);
    expect(totals).toEqual(totals.toSorted((left, right) => left - right));
    expect(chunks.slice(0, -1).every(({ candidates }) => candidates?.[0]?.finishReason === undefined)).toBe(true);
  });

  test("goes through a tool loop with signatures, and refuses a call that lost or changed its own", async () => {
    const asked = {
      model: "gemini-3.8-flash",
      config: { tools, thinkingConfig: { thinkingLevel: ThinkingLevel.LOW } },
    };
    const contents: Content[] = [{ role: "user", parts: [{ text: 'call get_weather {"city":"Oslo"} and call now' }] }];
    const first = await client().models.generateContent({ ...asked, contents });
    expect(first.functionCalls?.map(({ name, args }) => [name, args])).toEqual([
      ["get_weather", { city: "Oslo" }],
      ["now", {}],
    ]);
    const made = first.candidates?.[0]?.content as Content;
    expect(made.parts?.map((part) => part.thoughtSignature !== undefined)).toEqual([true, false]);
    const results: Content = {
      role: "user",
      parts: (first.functionCalls ?? []).map(({ id, name }) => ({
        functionResponse: { ...(id ? { id } : {}), name: name ?? "", response: { output: `${name} is fine` } },
      })),
    };
    const continued = (model: Content) =>
      client().models.generateContent({ ...asked, contents: [...contents, model, results] });

    const second = await continued(made);
    expect(second.text).toContain("get_weather returned: get_weather is fine; now returned: now is fine");
    const withSignature = (thoughtSignature?: string): Content => ({
      role: "model",
      parts: (made.parts ?? []).map(({ functionCall }, index) => ({
        ...(functionCall ? { functionCall } : {}),
        ...(index === 0 && thoughtSignature ? { thoughtSignature } : {}),
      })),
    });
    await expect(continued(withSignature())).rejects.toThrow(/missing a thought_signature/);
    await expect(continued(withSignature("AAAA"))).rejects.toThrow(/signature is not valid/);
    expect((await continued(withSignature("skip_thought_signature_validator"))).text).toContain("is fine");
  });

  test("shows thoughts when asked to", async () => {
    const made = await client().models.generateContent({
      model: "gemini-2.5-flash",
      contents: "Hello",
      config: { thinkingConfig: { includeThoughts: true, thinkingBudget: 128 } },
    });
    expect(made.candidates?.[0]?.content?.parts?.[0]).toMatchObject({
      thought: true,
      text: expect.stringContaining("reasoning"),
    });
    expect(made.text).toBe("[simulated google/gemini-2.5-flash] Hello");
  });

  test("answers both forms of schema with JSON", async () => {
    const ask = (config: object) =>
      client().models.generateContent({
        model: "gemini-3.8-flash",
        contents: "A place",
        config: { responseMimeType: "application/json", ...config },
      });
    const expected = { city: "simulated city", size: 1 };
    const openApi = {
      type: "OBJECT",
      properties: { city: { type: "STRING" }, size: { type: "INTEGER" } },
      required: ["city"],
    };
    const jsonSchema = {
      type: "object",
      properties: { city: { type: "string" }, size: { type: "integer" } },
      additionalProperties: false,
    };
    expect(JSON.parse((await ask({ responseSchema: openApi })).text ?? "")).toEqual(expected);
    expect(JSON.parse((await ask({ responseJsonSchema: jsonSchema })).text ?? "")).toEqual(expected);
  });

  test("calls a function when it must", async () => {
    const made = await client().models.generateContent({
      model: "gemini-2.5-flash",
      contents: "Hello",
      config: {
        tools,
        toolConfig: {
          functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ["get_weather"] },
        },
      },
    });
    expect(made.functionCalls).toMatchObject([{ name: "get_weather", args: { city: "simulated city" } }]);
  });

  test("blocks a prompt without candidates, and an answer with its finish reason", async () => {
    const ask = (contents: string) => client().models.generateContent({ model: "gemini-3.8-flash", contents });
    const blocked = await ask("block this prompt");
    expect(blocked.candidates).toBeUndefined();
    expect(blocked.promptFeedback?.blockReason).toBe("SAFETY");
    const refused = (await ask("refuse this")).candidates?.[0];
    expect(refused).toMatchObject({ finishReason: "SAFETY" });
    expect(refused?.content).toBeUndefined();
  });

  test("counts tokens, embeds and lists models", async () => {
    expect(await client().models.countTokens({ model: "gemini-3.8-flash", contents: "12345678" })).toMatchObject({
      totalTokens: 6,
    });
    const { embeddings } = await client().models.embedContent({
      model: "gemini-embedding-001",
      contents: ["alpha", "beta"],
      config: { outputDimensionality: 8, taskType: "RETRIEVAL_QUERY" },
    });
    expect(embeddings?.map(({ values }) => values?.length)).toEqual([8, 8]);
    const names: string[] = [];
    for await (const model of await client().models.list({ config: { pageSize: 7 } })) names.push(model.name ?? "");
    expect(names).toContain("models/gemini-3.8-flash");
    expect(new Set(names).size).toBe(names.length);
  });

  test("fails with the provider's status and details", async () => {
    const ask = (google: GoogleGenAI, model = "gemini-3.8-flash") =>
      google.models.generateContent({ model, contents: "Hi" });
    const detailsOf = async (call: Promise<unknown>) => {
      const error: unknown = await call.catch((caught: unknown) => caught);
      if (!(error instanceof ApiError)) throw new Error("expected an ApiError");
      return { status: error.status, body: error.message };
    };
    expect(await detailsOf(ask(client("wrong")))).toMatchObject({
      status: 400,
      body: expect.stringContaining("API_KEY_INVALID"),
    });
    expect(await detailsOf(ask(client(), "gemini-nope"))).toMatchObject({ status: 404 });
    simulator().faults.script([
      { fault: { kind: "rate_limited", afterMs: 1_500 } },
      { fault: { kind: "quota_exhausted" } },
      { fault: { kind: "overloaded" } },
    ]);
    expect(await detailsOf(ask(client()))).toMatchObject({
      status: 429,
      body: expect.stringContaining('"retryDelay":"1.5s"'),
    });
    expect(await detailsOf(ask(client()))).toMatchObject({ status: 429, body: expect.stringContaining("PerDay") });
    expect(await detailsOf(ask(client()))).toMatchObject({ status: 503 });
  });
});
