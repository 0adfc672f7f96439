import { describe, expect, test } from "vitest";
import { post, useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();

const user = { role: "user", parts: [{ text: "Hi" }] };
const base = { contents: [user] };
const three = "gemini-3.8-flash";
const two = "gemini-2.5-flash";
const config = (generationConfig: object) => ({ ...base, generationConfig });
const declared = (more: object) => ({ ...base, tools: [{ functionDeclarations: [{ name: "f", ...more }] }] });
const calling = (functionCallingConfig: object) => ({ ...declared({}), toolConfig: { functionCallingConfig } });
const callTurn = (...parts: object[]) => ({ role: "model", parts });
const call = (name: string, more: object = {}) => ({
  functionCall: { name, args: {} },
  thoughtSignature: "skip_thought_signature_validator",
  ...more,
});
const response = (name: string, body: object = { output: "ok" }) => ({ functionResponse: { name, response: body } });

async function refusal(body: object, model = three, method = "generateContent") {
  const reply = await post(simulator(), "google", `/models/${model}:${method}`, body);
  const json = (await reply.json()) as {
    error?: { code: number; status: string; message: string; details?: unknown[] };
  };
  return { httpStatus: reply.status, ...json.error };
}

describe("generateContent refuses", () => {
  const cases: readonly [what: string, body: object, message: RegExp, model?: string][] = [
    [
      "an unknown field",
      { ...base, messages: [] },
      /^Invalid JSON payload received\. Unknown name "messages": Cannot find field\.$/,
    ],
    [
      "an unknown field deep in the config",
      config({ maxTokens: 5 }),
      /Unknown name "maxTokens" at 'generation_config': Cannot find field/,
    ],
    [
      "a wrong type",
      config({ temperature: "hot" }),
      /^Invalid value at 'generation_config\.temperature' \(NUMBER\), "hot"$/,
    ],
    ["no contents", {}, /contents is not specified/],
    ["a role of another provider", { contents: [{ ...user, role: "assistant" }] }, /valid role: user, model/],
    ["no parts", { contents: [{ role: "user", parts: [] }] }, /parts must not be empty/],
    ["an empty text", { contents: [{ role: "user", parts: [{ text: "" }] }] }, /required oneof field 'data'/],
    [
      "two kinds of data in a part",
      { contents: [{ role: "user", parts: [{ text: "x", inlineData: { mimeType: "image/png", data: "AAAA" } }] }] },
      /'data' is already set/,
    ],
    [
      "broken base64",
      { contents: [{ role: "user", parts: [{ inlineData: { mimeType: "image/png", data: "data:image/png" } }] }] },
      /Base64 decoding failed/,
    ],
    ["an answer at the end", { contents: [user, { role: "model", parts: [{ text: "x" }] }] }, /end with a user role/],
    [
      "a call without its response",
      { contents: [user, callTurn(call("f")), user] },
      /followed by a function response turn/,
    ],
    [
      "a response without its call",
      { contents: [user, { role: "user", parts: [response("f")] }] },
      /immediately after a function call turn/,
    ],
    [
      "fewer responses than calls",
      { contents: [user, callTurn(call("f"), call("g")), { role: "user", parts: [response("f")] }] },
      /number of function response parts/,
    ],
    [
      "responses in another order",
      { contents: [user, callTurn(call("f"), call("g")), { role: "user", parts: [response("g"), response("f")] }] },
      /in the order of their function calls/,
    ],
    [
      "a response that is no object",
      {
        contents: [
          user,
          callTurn(call("f")),
          { role: "user", parts: [{ functionResponse: { name: "f", response: "ok" } }] },
        ],
      },
      /function_response\.response/,
    ],
    [
      "a response with a reserved key",
      { contents: [user, callTurn(call("f")), { role: "user", parts: [response("f", { $ref: "x" })] }] },
      /\$ref is reserved/,
    ],
    [
      "a function with both forms of parameters",
      declared({
        parameters: { type: "OBJECT", properties: { a: { type: "STRING" } } },
        parametersJsonSchema: { type: "object" },
      }),
      /must not both be set/,
    ],
    [
      "JSON Schema words in an OpenAPI schema",
      declared({ parameters: { type: "OBJECT", properties: { a: { type: "STRING" } }, additionalProperties: false } }),
      /Unknown name "additionalProperties"/,
    ],
    [
      "an OpenAPI object without properties",
      declared({ parameters: { type: "OBJECT", properties: {} } }),
      /should be non-empty for OBJECT type/,
    ],
    ["a function name with a space", declared({ name: "a b" }), /Invalid function name/],
    [
      "const in a JSON schema",
      config({ responseMimeType: "application/json", responseJsonSchema: { const: 1 } }),
      /'const' is not permitted/,
    ],
    ["a schema without its mime type", config({ responseSchema: { type: "STRING" } }), /'response_mime_type' must be/],
    [
      "both forms of response schema",
      config({ responseMimeType: "application/json", responseSchema: { type: "STRING" }, responseJsonSchema: {} }),
      /Only one of/,
    ],
    [
      "allowed names in the AUTO mode",
      calling({ mode: "AUTO", allowedFunctionNames: ["f"] }),
      /mode is ANY or VALIDATED/,
    ],
    [
      "an allowed name that is not declared",
      calling({ mode: "ANY", allowedFunctionNames: ["g"] }),
      /is not in the function declarations/,
    ],
    [
      "a level and a budget",
      config({ thinkingConfig: { thinkingLevel: "LOW", thinkingBudget: 5 } }),
      /only set only one/,
    ],
    ["a level on 2.5", config({ thinkingConfig: { thinkingLevel: "LOW" } }), /level is not supported/, two],
    [
      "a level the model does not have",
      config({ thinkingConfig: { thinkingLevel: "MINIMAL" } }),
      /level MINIMAL is not supported/,
    ],
    ["a budget on 3", config({ thinkingConfig: { thinkingBudget: 5 } }), /budget is not supported/],
    [
      "a budget of 0 on pro",
      config({ thinkingConfig: { thinkingBudget: 0 } }),
      /only works in thinking mode/,
      "gemini-2.5-pro",
    ],
    ["a budget over the model's", config({ thinkingConfig: { thinkingBudget: 24_577 } }), /between 0 and 24576/, two],
    ["penalties", config({ presencePenalty: 1 }), /Penalty is not enabled/],
    ["six stop sequences", config({ stopSequences: ["1", "2", "3", "4", "5", "6"] }), /stop_sequences/],
    ["more tokens than the model makes", config({ maxOutputTokens: 65_537 }), /supported range/],
    [
      "functions together with JSON on 2.5",
      { ...declared({}), generationConfig: { responseMimeType: "application/json" } },
      /Function calling with a response mime type/,
      two,
    ],
    ["images from a text model", config({ responseModalities: ["IMAGE"] }), /response modalities \(IMAGE\)/],
    [
      "an https file on 2.5",
      { contents: [{ role: "user", parts: [{ fileData: { fileUri: "https://a.test/b.png" } }] }] },
      /unsupported file uri/,
      two,
    ],
  ];
  test.each(cases)("%s", async (_what, body, message, model = three) => {
    const refused = await refusal(body, model);
    expect(refused).toMatchObject({ httpStatus: 400, code: 400, status: "INVALID_ARGUMENT" });
    expect(refused.message).toMatch(message);
  });

  test("a request without a key, with a word about the callers", async () => {
    const reply = await fetch(`${simulator().baseUrl("google")}/models/${three}:generateContent`, {
      method: "POST",
      body: JSON.stringify(base),
    });
    expect(reply.status).toBe(403);
  });

  test("nothing that is right", async () => {
    const accepted: [object, string?][] = [
      [{ contents: [{ parts: [{ text: "no role" }] }], systemInstruction: { role: "user", parts: [{ text: "s" }] } }],
      [
        {
          contents: [
            user,
            callTurn(call("f", { thoughtSignature: undefined })),
            { role: "user", parts: [response("f")] },
          ],
        },
        two,
      ],
      [
        {
          contents: [
            user,
            callTurn(call("f"), call("g", { thoughtSignature: undefined })),
            { role: "user", parts: [response("f"), response("g")] },
          ],
        },
      ],
      [
        {
          contents: [
            user,
            callTurn(call("f", { thoughtSignature: undefined })),
            { role: "user", parts: [response("f")] },
            callTurn({ text: "done" }),
            user,
          ],
        },
      ],
      [declared({ parametersJsonSchema: { type: "object", properties: {}, additionalProperties: false } })],
      [config({ thinkingConfig: { thinkingBudget: -1 } }), two],
      [
        {
          contents: [
            { role: "user", parts: [{ fileData: { mimeType: "image/png", fileUri: "https://a.test/b.png" } }] },
          ],
        },
      ],
    ];
    for (const [body, model] of accepted) expect(await refusal(body, model)).toMatchObject({ httpStatus: 200 });
  });

  test("nothing of a stream without alt=sse, which is one JSON array", async () => {
    const reply = await post(simulator(), "google", `/models/${three}:streamGenerateContent`, base);
    expect(reply.headers.get("content-type")).toContain("application/json");
    const chunks = (await reply.json()) as { candidates: { finishReason?: string }[] }[];
    expect(chunks.at(-1)?.candidates[0]?.finishReason).toBe("STOP");
  });
});

describe("embedding refuses", () => {
  const one = { content: { parts: [{ text: "x" }] } };
  test.each<[string, object, string, string?]>([
    [
      "a batch whose model differs",
      { requests: [{ ...one, model: "models/gemini-embedding-2" }] },
      "batchEmbedContents",
    ],
    ["a batch entry without its model", { requests: [one] }, "batchEmbedContents"],
    [
      "a batch of 101",
      { requests: Array.from({ length: 101 }, () => ({ ...one, model: "models/gemini-embedding-001" })) },
      "batchEmbedContents",
    ],
    ["more dimensions than there are", { ...one, outputDimensionality: 3_073 }, "embedContent"],
    ["no content", { content: { parts: [] } }, "embedContent"],
    ["a task on the newer model", { ...one, taskType: "CLUSTERING" }, "embedContent", "gemini-embedding-2"],
  ])("%s", async (_what, body, method, model = "gemini-embedding-001") => {
    expect(await refusal(body, model, method)).toMatchObject({ httpStatus: 400, status: "INVALID_ARGUMENT" });
  });

  test("a model that does not embed", async () => {
    expect(await refusal(one, three, "embedContent")).toMatchObject({ httpStatus: 404, status: "NOT_FOUND" });
  });
});
