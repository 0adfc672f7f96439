import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { settingsSchema } from "../src/config/settings.ts";
import { localCaller } from "../src/core/caller.ts";
import { openMediaFetch } from "../src/fetch-media.ts";
import type { Gateway } from "../src/gateway.ts";
import { inferArgs } from "../src/infer/request.ts";
import { openGateway } from "../src/open-gateway.ts";
import { type Simulator, startSimulator } from "../src/simulator/simulator.ts";
import { png, wav } from "./providers/support/media.ts";
import { serve, type TestServer } from "./providers/support/server.ts";

/** Serves an image, a recording, a page, and redirects; tells which paths were asked for, and with which key. */
let server: TestServer;
const asked: [path: string | undefined, key: string | undefined][] = [];
beforeAll(async () => {
  server = await serve((request, response) => {
    asked.push([request.url, request.headers["x-key"] as string | undefined]);
    const to = /^\/to\?(.+)$/.exec(request.url ?? "")?.[1];
    if (to !== undefined) {
      response.writeHead(302, { location: decodeURIComponent(to) });
      response.end();
    } else if (request.url === "/a.png") {
      response.writeHead(200, { "content-type": "image/png; charset=binary" });
      response.end(png);
    } else if (request.url === "/a.wav") response.end(wav(2));
    else if (request.url === "/gone") response.writeHead(404).end();
    else response.writeHead(200, { "content-type": "text/html" }).end("<html>");
  });
});
afterAll(() => server.close());

const options = { bytesMax: 100_000, timeoutMs: 5_000 };
const allowed = openMediaFetch({ privateHosts: ["127.0.0.1"] });
const strict = openMediaFetch({ privateHosts: [] });

describe("fetching a URL", () => {
  test("gives its bytes and what its server says they are", async () => {
    expect(await allowed.fetch(`${server.url}/a.png`, options)).toEqual({ bytes: png, mediaType: "image/png" });
    expect(await allowed.fetch(`${server.url}/page`, options)).toMatchObject({ mediaType: undefined });
  });

  test("follows redirects, each checked again", async () => {
    const local = `${server.url}/to?${encodeURIComponent(`${server.url}/a.png`)}`;
    expect((await allowed.fetch(local, options)).bytes).toEqual(png);
    const inside = `${server.url}/to?${encodeURIComponent("http://10.0.0.1/a.png")}`;
    await expect(allowed.fetch(inside, options)).rejects.toMatchObject({ code: "forbidden" });
    const file = `${server.url}/to?${encodeURIComponent("file:///etc/passwd")}`;
    await expect(allowed.fetch(file, options)).rejects.toMatchObject({ code: "invalid_request" });
  });

  test("gives up after so many redirects", async () => {
    const turning = await serve((_request, response) => response.writeHead(302, { location: "/" }).end());
    onTestFinished(() => turning.close());
    await expect(allowed.fetch(turning.url, options)).rejects.toMatchObject({
      message: expect.stringContaining("without end"),
    });
  });

  test("connects to the address that was checked, looked up once", async () => {
    const answers = [["127.0.0.1"], ["10.0.0.1"]];
    let lookups = 0;
    const fetching = openMediaFetch({
      privateHosts: ["media.example"],
      lookup: async () => answers[lookups++] ?? [],
    });
    const { port } = new URL(server.url);
    expect((await fetching.fetch(`http://media.example:${port}/a.png`, options)).bytes).toEqual(png);
    expect(lookups).toBe(1);
  });

  test("refuses a name with any address in the local network", async () => {
    const fetching = openMediaFetch({ privateHosts: [], lookup: async () => ["93.184.216.34", "192.168.0.1"] });
    await expect(fetching.fetch("http://media.example/a.png", options)).rejects.toMatchObject({
      code: "forbidden",
      next: expect.stringContaining("media.private_hosts"),
    });
    await expect(strict.fetch(`${server.url}/a.png`, options)).rejects.toMatchObject({ code: "forbidden" });
  });

  test("takes as many bytes as allowed and not one more", async () => {
    expect((await allowed.fetch(`${server.url}/a.png`, { ...options, bytesMax: png.length })).bytes).toHaveLength(
      png.length,
    );
    await expect(allowed.fetch(`${server.url}/a.png`, { ...options, bytesMax: png.length - 1 })).rejects.toMatchObject({
      code: "too_large",
    });
  });

  test("says what the server answered, and ends in time and with its caller", async () => {
    await expect(allowed.fetch(`${server.url}/gone`, options)).rejects.toMatchObject({
      code: "unavailable",
      retryable: false,
      message: expect.stringContaining("404"),
    });
    const silent = await serve(() => {});
    onTestFinished(() => silent.close());
    await expect(allowed.fetch(silent.url, { ...options, timeoutMs: 50 })).rejects.toMatchObject({ code: "timeout" });
    const signal = AbortSignal.abort(new Error("gone"));
    await expect(allowed.fetch(`${server.url}/a.png`, { ...options, signal })).rejects.toThrow();
  });

  test("sends headers to the URL's own origin alone", async () => {
    const other = await serve((request, response) => {
      asked.push([`other${request.url}`, request.headers["x-key"] as string | undefined]);
      response.end(png);
    });
    onTestFinished(() => other.close());
    const url = `${server.url}/to?${encodeURIComponent(`${other.url}/a.png`)}`;
    await allowed.fetch(url, { ...options, headers: { "x-key": "secret" } });
    expect(asked.slice(-2)).toEqual([
      [expect.stringContaining("/to"), "secret"],
      ["other/a.png", undefined],
    ]);
  });
});

test.each([
  ["https://example.com/a.png", false],
  ["https://93.184.216.34/a.png", false],
  ["http://127.0.0.1/a.png", "refused"],
  ["http://127.1/a.png", "refused"],
  ["http://[::1]/a.png", "refused"],
  ["http://[::ffff:10.0.0.1]/a.png", "refused"],
  ["http://2130706433/a.png", "refused"],
  ["http://localhost/a.png", "refused"],
  ["http://localhost./a.png", "refused"],
  ["http://printer/a.png", "refused"],
  ["http://nas.local/a.png", "refused"],
  ["http://169.254.169.254/latest/meta-data", "refused"],
  ["http://metadata.google.internal/", "refused"],
  ["http://media.lan/a.png", true],
  ["http://files.example.com/a.png", true],
])("%s is local: %s", (url, local) => {
  const fetching = openMediaFetch({ privateHosts: ["media.lan", "files.example.com", "169.254.169.254"] });
  if (local === "refused") {
    expect(() => fetching.isLocal(url)).toThrow(expect.objectContaining({ code: "forbidden" }));
  } else expect(fetching.isLocal(url)).toBe(local);
});

describe("a call's media URL", () => {
  let simulator: Simulator;
  beforeAll(async () => {
    simulator = await startSimulator();
  });
  afterAll(() => simulator.close());

  async function open(privateHosts: readonly string[], endpoint?: string): Promise<Gateway> {
    const home = await mkdtemp(join(tmpdir(), "switchyard-fetch-"));
    const providers = Object.fromEntries(
      (["openai", "assemblyai"] as const).map((name) => [
        name,
        { key: simulator.apiKey(name), base_url: simulator.baseUrl(name) },
      ]),
    );
    const mine = { base_url: endpoint ?? "http://127.0.0.1:1/v1", price: { input_per_mtok: 0, output_per_mtok: 0 } };
    const gateway = await openGateway({
      dataDirectory: home,
      tools: [],
      environment: () => undefined,
      settings: settingsSchema.parse({ providers, endpoints: { mine }, media: { private_hosts: privateHosts } }),
    });
    onTestFinished(async () => {
      await gateway.close();
      await rm(home, { recursive: true, force: true });
    });
    return gateway;
  }
  const ask = (gateway: Gateway, args: object) => gateway.infer.run(inferArgs.parse(args), localCaller);
  const look = (url: string) => [
    {
      role: "user",
      content: [
        { type: "text", text: "?" },
        { type: "image", url },
      ],
    },
  ];

  test("into the local network is refused before anything is asked, in messages and in params", async () => {
    const gateway = await open([]);
    const before = [asked.length, simulator.book.totals().requests];
    const calls = [
      { model: "openai/gpt-5.4-mini", messages: look(`${server.url}/a.png`) },
      { model: "openai/gpt-transcribe", params: { audio: `${server.url}/a.wav` } },
      { model: "openai/gpt-5.4-mini", messages: look("http://localhost/a.png") },
    ];
    for (const call of calls) {
      await expect(ask(gateway, call)).rejects.toMatchObject({
        code: "forbidden",
        next: expect.stringContaining("media.private_hosts"),
      });
    }
    expect([asked.length, simulator.book.totals().requests]).toEqual(before);
  });

  test("is fetched here, once, where it is allowed and its provider would not", async () => {
    const bodies: string[] = [];
    const endpoint = await serve(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      bodies.push(body);
      response.setHeader("content-type", "text/event-stream");
      response.end(
        'data: {"choices":[{"index":0,"delta":{"content":"A dot"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
      );
    });
    onTestFinished(() => endpoint.close());
    const gateway = await open(["127.0.0.1"], `${endpoint.url}/v1`);
    const before = asked.length;
    const seen = await ask(gateway, { model: "mine/llava", messages: look(`${server.url}/a.png`) });
    expect(seen).toMatchObject({ status: "succeeded", output: { text: "A dot" } });
    expect(bodies.at(-1)).toContain(`data:image/png;base64,${png.toString("base64")}`);
    expect(asked.slice(before)).toEqual([["/a.png", undefined]]);

    const heard = await ask(gateway, { model: "openai/gpt-transcribe", params: { audio: `${server.url}/a.wav` } });
    expect(heard).toMatchObject({ status: "succeeded", output: { text: expect.stringContaining("2 seconds") } });
  });

  test("that gives nothing fails the call with its reason", async () => {
    const gateway = await open(["127.0.0.1"]);
    const call = { model: "openai/gpt-transcribe", params: { audio: `${server.url}/gone` } };
    const failed = await ask(gateway, call).catch((error: unknown) => ({ error }));
    expect(failed).toMatchObject({ error: { code: "unavailable", message: expect.stringContaining("404") } });
  });
});
