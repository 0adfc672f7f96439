import { request } from "node:http";
import { connect as connectTcp } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Caller } from "../../src/core/caller.ts";
import { serveLimits } from "../../src/core/limits.ts";
import { type HttpServer, type HttpServerOptions, openHttpServer } from "../../src/serve/http.ts";
import { events, fixtureTools, testCaller, testGateway } from "./support/fixture-tools.ts";

const servers: HttpServer[] = [];
const logged: string[] = [];
beforeEach(() => {
  events.length = 0;
  logged.length = 0;
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function open(options: Partial<HttpServerOptions> = {}): Promise<HttpServer> {
  const server = await openHttpServer({
    tools: fixtureTools,
    gateway: async () => testGateway(),
    toolNames: "underscore",
    version: "1.2.3",
    instructions: "Test.",
    log: (line) => logged.push(line),
    host: "127.0.0.1",
    port: 0,
    authenticate: async () => testCaller,
    ...options,
  });
  servers.push(server);
  return server;
}

const modernMeta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientInfo": { name: "test", version: "0" },
  "io.modelcontextprotocol/clientCapabilities": {},
};

function call(name: string, args: object, meta: object = {}): { body: string; headers: Record<string, string> } {
  const params = { name, arguments: args, _meta: { ...modernMeta, ...meta } };
  return {
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/call", params }),
    headers: {
      "Content-Type": "application/json",
      Accept: "application/json, text/event-stream",
      "MCP-Protocol-Version": "2026-07-28",
      "Mcp-Method": "tools/call",
      "Mcp-Name": name,
    },
  };
}

/** A POST by node:http, which unlike fetch lets a test set Host and Origin. */
function post(
  url: string,
  { body, headers }: { body: string | Buffer; headers: Record<string, string> },
  method = "POST",
): Promise<{ status: number; headers: Record<string, unknown>; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

test("health tells the version without a key", async () => {
  const { url } = await open({ authenticate: async () => undefined });
  const answer = await fetch(`${url}/health`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual({ status: "ok", version: "1.2.3" });
});

test("a call without a known key is refused before its body is read, and says how to get one", async () => {
  const seen: (string | undefined)[] = [];
  const authenticate = async (header: string | undefined): Promise<Caller | undefined> => {
    seen.push(header);
    return header === "Bearer good" ? { ...testCaller, key: "key_good" } : undefined;
  };
  const { url } = await open({ authenticate });
  const echo = call("test_echo", { text: "hi" });
  const none = await post(`${url}/mcp`, echo);
  expect(none.status).toBe(401);
  expect(none.headers["www-authenticate"]).toContain("Bearer");
  expect(none.text).toContain("Authorization: Bearer <key>");
  const bad = await post(`${url}/mcp`, { ...echo, headers: { ...echo.headers, Authorization: "Bearer bad" } });
  expect(bad.status).toBe(401);
  expect(bad.text).not.toContain("Bearer bad");
  const good = await post(`${url}/mcp`, { ...echo, headers: { ...echo.headers, Authorization: "Bearer good" } });
  expect(JSON.parse(good.text).result.structuredContent).toEqual({ text: "hi", caller: "key_good" });
  expect(seen).toEqual([undefined, "Bearer bad", "Bearer good"]);
});

test("each request runs for its own caller, also when they overlap", async () => {
  const authenticate = async (header: string | undefined) => ({ ...testCaller, key: header ?? null });
  const { url } = await open({ authenticate });
  const echo = call("test_echo", { text: "hi" });
  const keys = Array.from({ length: 40 }, (_, n) => `Bearer ${n}`);
  const answers = await Promise.all(
    keys.map((key) => post(`${url}/mcp`, { ...echo, headers: { ...echo.headers, Authorization: key } })),
  );
  expect(answers.map(({ text }) => JSON.parse(text).result.structuredContent.caller)).toEqual(keys);
});

test("an address that others can reach is refused while callers without a key are let in", async () => {
  await expect(open({ host: "0.0.0.0" })).rejects.toMatchObject({ code: "invalid_request" });
  const server = await open({ host: "0.0.0.0", authenticate: async () => undefined });
  expect(server.url).toMatch(/^http:\/\/0\.0\.0\.0:\d+$/);
});

test("a port that is taken is an error that says so", async () => {
  const first = await open();
  await expect(open({ port: Number(new URL(first.url).port) })).rejects.toMatchObject({ code: "unavailable" });
});

test.each([
  [{ Host: "evil.example" }, 403],
  [{ Host: "evil.example:80" }, 403],
  [{ Host: "127.0.0.1.evil.example" }, 403],
  [{ Host: "localhost" }, 200],
  [{ Host: "[::1]:99" }, 200],
  [{ Host: "gateway.internal:8443" }, 200],
  [{ Origin: "https://evil.example" }, 403],
  [{ Origin: "null" }, 403],
  [{ Origin: "http://localhost.evil.example" }, 403],
  [{ Origin: "file://" }, 403],
  [{ Origin: "http://localhost:6274" }, 200],
  [{ Origin: "https://app.example" }, 200],
  [{ Origin: "http://app.example" }, 403],
])("a request with %j gets %i", async (headers, status) => {
  const { url } = await open({ allowedHosts: ["gateway.internal"], allowedOrigins: ["https://app.example"] });
  const echo = call("test_echo", { text: "hi" });
  const answer = await post(`${url}/mcp`, { ...echo, headers: { ...echo.headers, ...headers } });
  expect(answer.status).toBe(status);
  const preflight = await post(`${url}/mcp`, { body: "", headers: { ...headers } }, "OPTIONS");
  expect(preflight.status).toBe(status === 200 ? 204 : 403);
});

test("a page that may call is told so by CORS, with the headers MCP needs", async () => {
  const { url } = await open();
  const origin = "http://localhost:6274";
  const preflight = await post(`${url}/mcp`, { body: "", headers: { Origin: origin } }, "OPTIONS");
  expect(preflight.headers["access-control-allow-origin"]).toBe(origin);
  for (const name of ["Mcp-Method", "Mcp-Name", "MCP-Protocol-Version", "Authorization"]) {
    expect(preflight.headers["access-control-allow-headers"]).toContain(name);
  }
  const echo = call("test_echo", { text: "hi" });
  const answer = await post(`${url}/mcp`, { ...echo, headers: { ...echo.headers, Origin: origin } });
  expect(answer.headers["access-control-allow-origin"]).toBe(origin);
  const program = await post(`${url}/mcp`, echo);
  expect(program.headers["access-control-allow-origin"]).toBeUndefined();
});

test.each(["GET", "DELETE", "PUT"])("%s is answered 405 with what is allowed", async (method) => {
  const { url } = await open();
  const answer = await post(`${url}/mcp`, { body: "", headers: {} }, method);
  expect(answer.status).toBe(405);
  expect(answer.headers.allow).toContain("POST");
});

test("a body one byte past the limit is refused with 413 and the next request works", async () => {
  const { url } = await open();
  const { headers } = call("test_echo", {});
  const max = serveLimits.httpBodyBytesMax;
  const pad = (length: number) => {
    const { body } = call("test_echo", { text: "" });
    return body.replace('"text":""', `"text":"${"x".repeat(length - body.length)}"`);
  };
  expect((await post(`${url}/mcp`, { body: pad(max), headers })).status).toBe(200);
  expect((await post(`${url}/mcp`, { body: pad(max + 1), headers })).status).toBe(413);
  // Without a Content-Length the bound is found while reading.
  const chunked = { ...headers, "Transfer-Encoding": "chunked" };
  expect((await post(`${url}/mcp`, { body: pad(max + 1), headers: chunked })).status).toBe(413);
  expect((await post(`${url}/mcp`, call("test_echo", { text: "hi" }))).status).toBe(200);
});

test.each([
  ["not JSON", "{", 400, -32700],
  ["no UTF-8", Buffer.from([0x22, 0xff, 0x22]), 400, -32700],
  ["empty", "", 400, -32700],
])("a body that is %s is refused", async (_name, body, status, code) => {
  const { url } = await open();
  const answer = await post(`${url}/mcp`, { body, headers: call("test_echo", {}).headers });
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.text).error.code).toBe(code);
});

test("a body of another type is refused with 415", async () => {
  const { url } = await open();
  const { body, headers } = call("test_echo", { text: "hi" });
  expect((await post(`${url}/mcp`, { body, headers: { ...headers, "Content-Type": "text/plain" } })).status).toBe(415);
});

test("headers that disagree with the body are refused", async () => {
  const { url } = await open();
  const { body, headers } = call("test_echo", { text: "hi" });
  const answer = await post(`${url}/mcp`, { body, headers: { ...headers, "Mcp-Name": "test_fail" } });
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.text).error.code).toBe(-32020);
});

test("a client that leaves aborts its call", async () => {
  const { url } = await open();
  const { body, headers } = call("test_wait", {}, { progressToken: "t" });
  const controller = new AbortController();
  const answer = await fetch(`${url}/mcp`, { method: "POST", body, headers, signal: controller.signal });
  expect(answer.headers.get("content-type")).toContain("text/event-stream");
  expect(answer.headers.get("x-accel-buffering")).toBe("no");
  await answer.body?.getReader().read();
  controller.abort();
  await expect.poll(() => events).toContain("aborted");
});

test("one request past the bound is told to come back, and is served when there is room", async () => {
  const { url } = await open({ requestsInFlightMax: 2 });
  const running = [1, 2].map(() => {
    const { body, headers } = call("test_wait", {}, { progressToken: "t" });
    const controller = new AbortController();
    return { controller, answer: fetch(`${url}/mcp`, { method: "POST", body, headers, signal: controller.signal }) };
  });
  // Their first progress says that they run.
  for (const { answer } of running) await (await answer).body?.getReader().read();
  const refused = await post(`${url}/mcp`, call("test_echo", { text: "hi" }));
  expect(refused.status).toBe(503);
  expect(refused.headers["retry-after"]).toBe("1");
  for (const { controller } of running) controller.abort();
  await expect.poll(async () => (await post(`${url}/mcp`, call("test_echo", { text: "hi" }))).status).toBe(200);
});

test("closing lets a running call end, then closes the gateway", async () => {
  const server = await open();
  const answer = post(`${server.url}/mcp`, call("test_wait", { steps: 10 }));
  await expect.poll(() => events).toContain("opened");
  await server.close();
  expect(JSON.parse((await answer).text).result.structuredContent).toEqual({ steps: 10 });
  expect(events).toEqual(["opened", "closed"]);
  await expect(fetch(`${server.url}/health`)).rejects.toThrow();
});

test("the gateway is opened once, by the first call and not before", async () => {
  const { url } = await open();
  const list = { jsonrpc: "2.0", id: 1, method: "tools/list", params: { _meta: modernMeta } };
  const headers = { ...call("x", {}).headers, "Mcp-Method": "tools/list", "Mcp-Name": "" };
  await post(`${url}/mcp`, { body: JSON.stringify(list), headers });
  expect(events).toEqual([]);
  await Promise.all([1, 2, 3].map(() => post(`${url}/mcp`, call("test_echo", { text: "hi" }))));
  expect(events).toEqual(["opened"]);
});

test("a gateway that cannot be opened is a failed call, and the next one tries again", async () => {
  let tries = 0;
  const { url } = await open({
    gateway: async () => {
      tries += 1;
      if (tries === 1) throw new Error("disk full at /secret");
      return testGateway();
    },
  });
  const first = await post(`${url}/mcp`, call("test_echo", { text: "hi" }));
  expect(JSON.parse(first.text).result).toMatchObject({ isError: true });
  expect(first.text).not.toContain("/secret");
  const second = await post(`${url}/mcp`, call("test_echo", { text: "hi" }));
  expect(JSON.parse(second.text).result.isError).toBeUndefined();
});

test("a route of another room is served under its prefix, and its failure is a 500 that ends nothing", async () => {
  const { url } = await open({
    routes: [
      { prefix: "/v1", handle: async (_request, response) => void response.end("ours") },
      { prefix: "/broken", handle: () => Promise.reject(new Error("secret")) },
    ],
  });
  expect(await (await fetch(`${url}/v1/models?x=1`)).text()).toBe("ours");
  expect((await fetch(`${url}/v10`)).status).toBe(404);
  const broken = await fetch(`${url}/broken`);
  expect(broken.status).toBe(500);
  expect(await broken.text()).not.toContain("secret");
  expect(logged.some((line) => line.includes("secret"))).toBe(true);
  expect((await fetch(`${url}/health`)).status).toBe(200);
});

test("bytes that are no HTTP close their connection and nothing else", async () => {
  const { url } = await open();
  const { hostname, port } = new URL(url);
  const socket = connectTcp(Number(port), hostname);
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.on("error", () => {});
  socket.write("\u0016\u0003\u0001 not http\r\n\r\n");
  await closed;
  expect((await fetch(`${url}/health`)).status).toBe(200);
});
