import { afterEach, describe, expect, test } from "vitest";
import { customAdapter } from "../../../src/providers/custom/index.ts";
import { probeServers } from "../../../src/providers/custom/probe.ts";
import { openWire } from "../../../src/providers/wire/wire.ts";
import { ask, card } from "../support/model.ts";
import { serve, type TestServer } from "../support/server.ts";
import { bodyOf, wireRequest } from "../support/stream.ts";

const servers: TestServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const adapter = customAdapter({ name: "mine", baseUrl: "http://127.0.0.1:11434/v1/", keyVariable: "MY_KEY" });

describe("a custom endpoint", () => {
  test("is called at its base URL, with a key only where there is one", () => {
    expect(adapter).toMatchObject({
      provider: "mine",
      defaultBaseUrl: "http://127.0.0.1:11434/v1",
      keyVariables: ["MY_KEY"],
    });
    const model = card("mine/qwen3:8b");
    expect(wireRequest(adapter, model, ask("Hi")).headers).toHaveProperty("authorization");
    const open = adapter.text?.request(ask("Hi"), model, { apiKey: "", baseUrl: "http://x/v1" });
    expect(open?.url).toBe("http://x/v1/chat/completions");
    expect(open?.headers).not.toHaveProperty("authorization");
  });

  test("gets any schema as it is, and no URL to fetch", () => {
    const schema = { type: "array", items: {} };
    const body = bodyOf(adapter, card("mine/x"), ask("Hi", { response_schema: schema }));
    expect(body.response_format).toMatchObject({ json_schema: { schema } });
    expect(adapter.text?.fetchesUrl?.({ type: "image", url: "https://ex.test/a.png" }, card("mine/x"))).toBe(false);
  });

  test("lists its models as the common servers do", () => {
    const data = [
      { id: "qwen3:8b", object: "model" },
      { id: "vllm-model", max_model_len: 32_768 },
      { id: "groq-model", context_window: 131_072, max_completion_tokens: 8_192 },
      { id: "llamacpp", meta: { n_ctx_train: 4_096 } },
      { id: "off", active: false },
      { object: "nameless" },
    ];
    const decode = (body: unknown) =>
      adapter.models?.decode({ status: 200, headers: {}, body: Buffer.from(JSON.stringify(body)) });
    expect(decode({ object: "list", data })).toEqual([
      { id: "qwen3:8b" },
      { id: "vllm-model", context: 32_768 },
      { id: "groq-model", context: 131_072, maxOutput: 8_192 },
      { id: "llamacpp", context: 4_096 },
    ]);
    expect(decode({ hello: "world" })).toBeUndefined();
  });
});

test("probing finds the servers that list models and is silent about the rest", async () => {
  const model = await serve((request, response) => {
    response.setHeader("content-type", "application/json");
    response.end(request.url === "/v1/models" ? '{"data":[{"id":"qwen3:8b"}]}' : "{}");
  });
  const website = await serve((_request, response) => void response.end("<html>hello</html>"));
  const gone = await serve(() => {});
  servers.push(model, website);
  await gone.close();
  const wire = openWire();
  const found = await probeServers(
    wire,
    new AbortController().signal,
    [model, website, gone].map(({ url }, at) => ({ name: `server${at}`, baseUrl: `${url}/v1` })),
  );
  await wire.close();
  expect(found).toEqual([{ name: "server0", baseUrl: `${model.url}/v1`, models: [{ id: "qwen3:8b" }] }]);
});
