import { describe, expect, test } from "vitest";
import { headersFor, post, useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();

const user = { role: "user", content: "Hi" };
const base = { model: "claude-sonnet-5", max_tokens: 100, messages: [user] };
const legacy = { ...base, model: "claude-haiku-4-5" };
const newest = { "anthropic-version": "2026-10-21" };
const tool = (more: object = {}) => ({ name: "f", input_schema: { type: "object", properties: {} }, ...more });
const use = (id: string) => ({ type: "tool_use", id, name: "f", input: {} });
const result = (id: string, content: unknown = "ok") => ({ type: "tool_result", tool_use_id: id, content });
const format = (schema: object) => ({ output_config: { format: { type: "json_schema", schema } } });
const image = (source: object) => ({ ...base, messages: [{ role: "user", content: [{ type: "image", source }] }] });

async function refusal(body: object, headers: Record<string, string> = {}, path = "/v1/messages") {
  const response = await post(simulator(), "anthropic", path, body, headers);
  const json = (await response.json()) as {
    type: string;
    error?: { type: string; message: string };
    request_id?: string;
  };
  return {
    status: response.status,
    requestId: json.request_id,
    sameId: json.request_id === response.headers.get("request-id"),
    ...json.error,
  };
}

describe("Messages refuse", () => {
  const cases: readonly [what: string, body: object, message: RegExp, headers?: Record<string, string>][] = [
    ["an unknown field", { ...base, n: 2 }, /^n: Extra inputs are not permitted$/],
    ["a missing max_tokens", { model: base.model, messages: [user] }, /^max_tokens: Field required$/],
    ["a wrong type", { ...base, max_tokens: "many" }, /^max_tokens: Input should be a valid/],
    ["more tokens than the model makes", { ...legacy, max_tokens: 64_001 }, /64001 > 64000/],
    ["no messages", { ...base, messages: [] }, /at least one message/],
    [
      "an assistant at the beginning",
      { ...base, messages: [{ role: "assistant", content: "x" }, user] },
      /first message must use the "user" role/,
    ],
    [
      "a tool role",
      { ...base, messages: [user, { role: "tool", content: "x" }] },
      /^messages\.1\.role: Input should be 'user'/,
    ],
    [
      "an empty text block",
      { ...base, messages: [{ role: "user", content: [{ type: "text", text: "" }] }] },
      /must be non-empty/,
    ],
    ["empty content", { ...base, messages: [{ role: "user", content: "" }] }, /non-empty content/],
    [
      "an image in OpenAI's shape",
      { ...base, messages: [{ role: "user", content: [{ type: "image_url", image_url: {} }] }] },
      /^messages\.0\.content\.0\.type/,
    ],
    [
      "an image with a data URL for base64",
      image({ type: "base64", media_type: "image/png", data: "data:image/png;base64,AAAA" }),
      /Invalid base64/,
    ],
    [
      "an image of an unknown type",
      image({ type: "base64", media_type: "image/tiff", data: "AAAA" }),
      /media_type: Input should be 'image\/jpeg'/,
    ],
    ["an image by a file URL", image({ type: "url", url: "file:///etc/passwd" }), /Only HTTP\(S\)/],
    [
      "a tool result without its call",
      { ...base, messages: [{ role: "user", content: [result("t1")] }] },
      /unexpected `tool_use_id`/,
    ],
    [
      "a call without its result",
      { ...base, messages: [user, { role: "assistant", content: [use("t1")] }, user], tools: [tool()] },
      /without `tool_result` blocks immediately after: t1/,
    ],
    [
      "a result after text",
      {
        ...base,
        messages: [
          user,
          { role: "assistant", content: [use("t1")] },
          { role: "user", content: [{ type: "text", text: "x" }, result("t1")] },
        ],
        tools: [tool()],
      },
      /immediately after: t1/,
    ],
    [
      "one of two results missing",
      {
        ...base,
        messages: [
          user,
          { role: "assistant", content: [use("t1"), use("t2")] },
          { role: "user", content: [result("t2")] },
        ],
      },
      /immediately after: t1/,
    ],
    [
      "a tool id with a colon",
      {
        ...base,
        messages: [user, { role: "assistant", content: [use("a:1")] }, { role: "user", content: [result("a:1")] }],
      },
      /should match pattern/,
    ],
    [
      "a prefilled answer",
      { ...base, messages: [user, { role: "assistant", content: "I" }] },
      /does not support assistant message prefill/,
    ],
    [
      "a prefill that ends with a space",
      { ...legacy, messages: [user, { role: "assistant", content: "I " }] },
      /trailing whitespace/,
    ],
    ["temperature on a model of the fifth family", { ...base, temperature: 1 }, /`temperature` is not supported/],
    ["temperature under the newest version", { ...legacy, temperature: 1 }, /^temperature: Extra inputs/, newest],
    ["temperature together with top_p", { ...legacy, temperature: 1, top_p: 1 }, /cannot both be specified/],
    [
      "temperature together with thinking",
      { ...legacy, max_tokens: 3_000, temperature: 1, thinking: { type: "enabled", budget_tokens: 2_000 } },
      /thinking is disabled/,
    ],
    [
      "a thinking budget under 1024",
      { ...legacy, thinking: { type: "enabled", budget_tokens: 1_000 } },
      /^thinking\.budget_tokens: Input should be greater than or equal to 1024/,
    ],
    [
      "a thinking budget over max_tokens",
      { ...legacy, thinking: { type: "enabled", budget_tokens: 2_000 } },
      /must be greater than `thinking\.budget_tokens`/,
    ],
    [
      "a budget where thinking is adaptive",
      { ...base, model: "claude-opus-5-5", max_tokens: 9_000, thinking: { type: "enabled", budget_tokens: 2_000 } },
      /"enabled" is not supported/,
    ],
    [
      "adaptive thinking on an older model",
      { ...legacy, thinking: { type: "adaptive" } },
      /"adaptive" is not supported/,
    ],
    [
      "thinking turned off where it can not be",
      { ...base, model: "claude-sonnet-5-5", thinking: { type: "disabled" } },
      /"disabled" is not supported/,
    ],
    [
      "thinking turned off at a high effort",
      { ...base, model: "claude-opus-5", thinking: { type: "disabled" }, output_config: { effort: "max" } },
      /with an effort of max/,
    ],
    [
      "between_tools on other models",
      { ...base, thinking: { type: "between_tools" } },
      /"between_tools" is not supported/,
    ],
    [
      "effort on a model without",
      { ...legacy, output_config: { effort: "low" } },
      /does not support the effort parameter/,
    ],
    [
      "a forced tool on a model that can not be forced",
      { ...base, model: "claude-opus-5-5", tools: [tool()], tool_choice: { type: "any" } },
      /is not supported for this model/,
    ],
    [
      "a forced tool while thinking",
      { ...base, tools: [tool()], tool_choice: { type: "any" }, thinking: { type: "adaptive" } },
      /Thinking may not be enabled/,
    ],
    ["a tool choice without tools", { ...base, tool_choice: { type: "auto" } }, /while providing tools/],
    [
      "a tool choice that is not there",
      { ...base, tools: [tool()], tool_choice: { type: "tool", name: "g" } },
      /'g' not found/,
    ],
    ["two tools of one name", { ...base, tools: [tool(), tool()] }, /names must be unique/],
    ["a tool name with a dot", { ...base, tools: [tool({ name: "a.b" })] }, /should match pattern/],
    ["a tool in OpenAI's shape", { ...base, tools: [{ type: "function", function: { name: "f" } }] }, /^tools\.0\./],
    ["a tool without a schema", { ...base, tools: [{ name: "f" }] }, /^tools\.0\.input_schema: Field required/],
    [
      "a schema with an open object",
      { ...legacy, ...format({ type: "object", properties: {} }) },
      /'additionalProperties' is required/,
    ],
    [
      "a schema with a minimum",
      {
        ...legacy,
        ...format({ type: "object", properties: { a: { type: "integer", minimum: 1 } }, additionalProperties: false }),
      },
      /properties\.a: 'minimum' is not permitted/,
    ],
    [
      "a recursive schema",
      {
        ...legacy,
        ...format({
          type: "object",
          properties: { a: { $ref: "#/$defs/n" } },
          additionalProperties: false,
          $defs: { n: { type: "object", properties: { n: { $ref: "#/$defs/n" } }, additionalProperties: false } },
        }),
      },
      /recursive/,
    ],
    [
      "a signature of another provider",
      {
        ...base,
        messages: [
          user,
          {
            role: "assistant",
            content: [
              { type: "thinking", thinking: "x", signature: "EqQB" },
              { type: "text", text: "y" },
            ],
          },
          user,
        ],
      },
      /Invalid `signature`/,
    ],
    [
      "five cache breakpoints",
      {
        ...base,
        system: Array.from({ length: 5 }, () => ({ type: "text", text: "x", cache_control: { type: "ephemeral" } })),
      },
      /maximum of 4 blocks/,
    ],
    [
      "citations in a user's text under the newest version",
      { ...base, messages: [{ role: "user", content: [{ type: "text", text: "x", citations: [{}] }] }] },
      /citations are not permitted/,
      newest,
    ],
    [
      "101 images on a model of 200k",
      {
        ...legacy,
        messages: [
          {
            role: "user",
            content: Array.from({ length: 101 }, () => ({
              type: "image",
              source: { type: "url", url: "https://a.test" },
            })),
          },
        ],
      },
      /too many images/,
    ],
  ];
  test.each(cases)("%s", async (_what, body, message, headers = {}) => {
    const refused = await refusal(body, headers);
    expect(refused).toMatchObject({ status: 400, type: "invalid_request_error", sameId: true });
    expect(refused.message).toMatch(message);
  });

  test("a request without its version, with an unknown one, and without a key", async () => {
    const { "anthropic-version": _version, ...without } = headersFor(simulator(), "anthropic");
    const url = `${simulator().baseUrl("anthropic")}/v1/messages`;
    const bare = await fetch(url, { method: "POST", headers: without, body: JSON.stringify(base) });
    expect(bare.status).toBe(400);
    expect(await bare.text()).toContain("anthropic-version: header is required");
    expect((await refusal(base, { "anthropic-version": "2024-01-01" })).message).toContain("not a valid version");
    const keyless = await fetch(url, {
      method: "POST",
      headers: { "anthropic-version": "2023-06-01" },
      body: JSON.stringify(base),
    });
    expect(keyless.status).toBe(401);
  });

  test("a body over 32 MB, and an unknown path", async () => {
    const large = { ...base, messages: [{ role: "user", content: "x".repeat(32 * 1024 * 1024) }] };
    expect(await refusal(large)).toMatchObject({ status: 413, type: "request_too_large" });
    expect(await refusal(base, {}, "/v1/complete")).toMatchObject({ status: 404, type: "not_found_error" });
  });

  test("nothing that is right: neighbours of one role, a system turn, a bearer key, what older models take", async () => {
    const bearer = { authorization: `Bearer ${simulator().apiKey("anthropic")}`, "x-api-key": "" };
    const accepted: [object, Record<string, string>?][] = [
      [{ ...base, messages: [user, user, { role: "system", content: "s" }, user] }],
      [
        {
          ...base,
          messages: [
            user,
            { role: "assistant", content: [use("t1"), use("t2")] },
            { role: "user", content: [result("t1")] },
            { role: "user", content: [result("t2", []), { type: "text", text: "x" }] },
          ],
        },
      ],
      [
        {
          ...legacy,
          temperature: 0.5,
          stop_sequences: ["x"],
          metadata: { user_id: "u" },
          messages: [user, { role: "assistant", content: "I" }],
        },
      ],
      [
        {
          ...legacy,
          ...format({
            type: "object",
            properties: { a: { type: "array", items: { type: "string" }, minItems: 1 } },
            additionalProperties: false,
          }),
        },
      ],
      [
        {
          ...base,
          model: "claude-sonnet-5-5",
          thinking: { type: "between_tools" },
          output_config: { effort: "low" },
          tools: [tool()],
        },
        newest,
      ],
      [{ ...base, model: "claude-haiku-4-5-20251001" }],
    ];
    for (const [body, headers] of accepted) expect(await refusal(body, headers)).toMatchObject({ status: 200 });
    const { "x-api-key": _key, ...rest } = headersFor(simulator(), "anthropic");
    const url = `${simulator().baseUrl("anthropic")}/v1/messages`;
    const response = await fetch(url, {
      method: "POST",
      headers: { ...rest, authorization: bearer.authorization },
      body: JSON.stringify(base),
    });
    expect(response.status).toBe(200);
  });

  test("count_tokens with max_tokens in it", async () => {
    expect((await refusal(base, {}, "/v1/messages/count_tokens")).message).toBe(
      "max_tokens: Extra inputs are not permitted",
    );
  });
});
