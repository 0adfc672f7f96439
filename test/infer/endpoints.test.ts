import { mkdtemp, rm } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, onTestFinished, test } from "vitest";
import { settingsSchema } from "../../src/config/settings.ts";
import { localCaller } from "../../src/core/caller.ts";
import type { Gateway } from "../../src/gateway.ts";
import { inferArgs } from "../../src/infer/request.ts";
import { openGateway } from "../../src/open-gateway.ts";
import { tools } from "../../tools/index.ts";
import { serve, type TestServer } from "../providers/support/server.ts";

const servers: TestServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

interface Asked {
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly body: Record<string, unknown>;
}

/** A server as Ollama and its like are: chat, vectors and a list of models. */
async function modelServer(
  listed: readonly object[] | null = [{ id: "qwen3:8b" }, { id: "long", max_model_len: 32_768 }],
) {
  const asked: Asked[] = [];
  const server = await serve(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    const body = (text === "" ? {} : JSON.parse(text)) as Record<string, unknown>;
    asked.push({ url: request.url, authorization: request.headers.authorization, body });
    answer(request, response, listed);
  });
  servers.push(server);
  return { baseUrl: `${server.url}/v1`, asked };
}

function answer(request: IncomingMessage, response: ServerResponse, listed: readonly object[] | null): void {
  if (request.url === "/v1/models" && listed) {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ object: "list", data: listed }));
  } else if (request.url === "/v1/embeddings") {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ data: [{ index: 0, embedding: [1, 0] }], usage: { prompt_tokens: 2 } }));
  } else if (request.url === "/v1/chat/completions") {
    response.setHeader("content-type", "text/event-stream");
    const usage = { prompt_tokens: 1_000, completion_tokens: 500 };
    response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: "Hi!" } }] })}\n\n`);
    response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: "stop" }], usage })}\n\n`);
    response.end("data: [DONE]\n\n");
  } else {
    response.statusCode = 404;
    response.end("{}");
  }
}

async function open(endpoints: object, environment: Record<string, string> = {}): Promise<Gateway> {
  const home = await mkdtemp(join(tmpdir(), "switchyard-endpoints-"));
  const gateway = await openGateway({
    dataDirectory: home,
    tools,
    environment: (name) => environment[name],
    settings: settingsSchema.parse({ endpoints }),
  });
  onTestFinished(async () => {
    await gateway.close();
    await rm(home, { recursive: true, force: true });
  });
  return gateway;
}

const ask = (gateway: Gateway, args: object) => gateway.infer.run(inferArgs.parse(args), localCaller);

describe("a server of one's own", () => {
  test("is called by its name and the name that it gives a model, free where the settings say 0", async () => {
    const { baseUrl, asked } = await modelServer();
    const gateway = await open({ ollama: { base_url: baseUrl, price: { input_per_mtok: 0, output_per_mtok: 0 } } });
    const result = await ask(gateway, { model: "ollama/qwen3:8b", prompt: "Hello" });
    expect(result).toMatchObject({ status: "succeeded", output: { text: "Hi!" }, provider: "ollama" });
    expect(Number(result.cost.total)).toBe(0);
    expect(asked.at(-1)).toMatchObject({ url: "/v1/chat/completions", authorization: undefined });
    expect(asked.at(-1)?.body).toMatchObject({ model: "qwen3:8b" });
  });

  test("without a price is refused before it is asked, unless the call says what it may cost", async () => {
    const { baseUrl, asked } = await modelServer();
    const gateway = await open({ mine: { base_url: baseUrl } });
    const refused = await ask(gateway, { model: "mine/qwen3:8b", prompt: "Hello" }).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: "invalid_request",
      message: expect.stringContaining("price of mine/qwen3:8b"),
    });
    expect(asked).toEqual([]);
    const paid = await ask(gateway, { model: "mine/qwen3:8b", prompt: "Hello", max_cost: "0.01" });
    expect(paid).toMatchObject({ status: "succeeded", cost: { total: "0.01" } });
  });

  test("is charged by its model's price, else by its own", async () => {
    const { baseUrl } = await modelServer();
    const gateway = await open({
      mine: {
        base_url: baseUrl,
        price: { input_per_mtok: 1, output_per_mtok: 2 },
        models: [{ id: "dear", input_per_mtok: 10, output_per_mtok: 20 }, { id: "plain" }],
      },
    });
    expect((await ask(gateway, { model: "mine/dear", prompt: "x" })).cost.total).toBe("0.02");
    expect((await ask(gateway, { model: "mine/plain", prompt: "x" })).cost.total).toBe("0.002");
    expect((await ask(gateway, { model: "mine/unlisted", prompt: "x" })).cost.total).toBe("0.002");
  });

  test("is sent the key that its variable holds, and is missing without it", async () => {
    const { baseUrl, asked } = await modelServer();
    const mine = { base_url: baseUrl, key_variable: "MY_KEY", price: { input_per_mtok: 0 } };
    const gateway = await open({ mine }, { MY_KEY: "secret-1" });
    await ask(gateway, { model: "mine/x", prompt: "Hello" });
    expect(asked.at(-1)?.authorization).toBe("Bearer secret-1");
    const locked = await open({ mine });
    await expect(ask(locked, { model: "mine/x", prompt: "Hello" })).rejects.toMatchObject({
      code: "unauthenticated",
      next: expect.stringContaining("set MY_KEY"),
    });
  });

  test("makes vectors with a model that is said to", async () => {
    const { baseUrl } = await modelServer();
    const models = [{ id: "nomic", task: "embedding", input_per_mtok: 0 }];
    const gateway = await open({ mine: { base_url: baseUrl, models } });
    const result = await ask(gateway, { model: "mine/nomic", params: { input: "alpha" } });
    expect(result).toMatchObject({ status: "succeeded", output: { embeddings: [[1, 0]] } });
  });
});

describe("its own list of models", () => {
  test("is what is shown, with what it says of them, and is not asked for again at once", async () => {
    const { baseUrl, asked } = await modelServer();
    const gateway = await open({
      mine: { base_url: baseUrl, models: [{ id: "long", context: 8_192, output_per_mtok: 1 }] },
    });
    const { models } = await gateway.models.search({ provider: "mine" }, localCaller);
    expect(models).toMatchObject([
      { id: "mine/long", context: 8_192, price: { output_per_mtok: 1 }, usable: true },
      { id: "mine/qwen3:8b", price: null, usable: true },
    ]);
    await gateway.models.search({ id: "mine/qwen3:8b" }, localCaller);
    expect(asked.filter(({ url }) => url === "/v1/models")).toHaveLength(1);
  });

  test("may be missing, and so may the server", async () => {
    const { baseUrl } = await modelServer(null);
    const gone = await serve(() => {});
    await gone.close();
    const gateway = await open({ bare: { base_url: baseUrl }, gone: { base_url: `${gone.url}/v1` } });
    for (const provider of ["bare", "gone"]) {
      expect((await gateway.models.search({ provider }, localCaller)).models).toEqual([]);
    }
    const [known] = (await gateway.models.search({ id: "bare/anything" }, localCaller)).models;
    expect(known).toMatchObject({ id: "bare/anything", usable: true });
  });

  test("is cut at a bound", async () => {
    const { baseUrl } = await modelServer(Array.from({ length: 1_001 }, (_, at) => ({ id: `m${at}` })));
    const gateway = await open({ mine: { base_url: baseUrl } });
    await gateway.models.search({ provider: "mine" }, localCaller);
    const named = await gateway.models.search({ query: "m1000", provider: "mine" }, localCaller);
    expect(named.models).toEqual([]);
    expect((await gateway.models.search({ query: "m999", provider: "mine" }, localCaller)).models).toHaveLength(1);
  });
});

describe("settings", () => {
  test("may not give an endpoint the name of a provider", async () => {
    await expect(open({ openai: { base_url: "http://127.0.0.1:1/v1" } })).rejects.toMatchObject({
      code: "invalid_request",
      next: expect.stringContaining("providers.openai.base_url"),
    });
  });

  test.each([
    [{ "My Server": { base_url: "http://127.0.0.1:1/v1" } }],
    [{ mine: {} }],
    [{ mine: { base_url: "ftp://127.0.0.1" } }],
    [{ mine: { base_url: "http://127.0.0.1:1/v1", models: [{ id: "x", input_per_mtok: -1 }] } }],
    [Object.fromEntries(Array.from({ length: 33 }, (_, at) => [`e${at}`, { base_url: "http://127.0.0.1:1/v1" }]))],
  ])("%# is refused", (endpoints) => {
    expect(settingsSchema.safeParse({ endpoints }).success).toBe(false);
  });
});
