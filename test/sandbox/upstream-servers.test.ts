import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { toNodeHandler } from "@modelcontextprotocol/node";
import { createMcpHandler } from "@modelcontextprotocol/server";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { sandboxLimits } from "../../src/core/limits.ts";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import { type OpenUpstreams, openUpstreams } from "../../src/sandbox/upstreams/open-upstreams.ts";
import type { UpstreamConfig } from "../../src/sandbox/upstreams/upstream-config.ts";
import { handshake, type RawMcpServer, rawMcpServer } from "../support/raw-mcp-server.ts";
import { realSandbox, runCode } from "../support/sandbox.ts";
import { upstreamServer } from "../support/upstream-server.ts";

const file = join(import.meta.dirname, "../support/upstream-server.ts");
const secret = "s3cret-of-the-host";
const spawned = (name: string, more: Partial<UpstreamConfig> = {}): UpstreamConfig => ({
  name,
  reach: { kind: "stdio", command: process.execPath, args: [file], env: { TOKEN: `Bearer ${secret}` } },
  secrets: [secret],
  ...more,
});
const overHttp = (name: string, url: string, headers: Record<string, string> = {}): UpstreamConfig => ({
  name,
  reach: { kind: "http", url, headers },
  secrets: Object.values(headers),
});

let nowMs = 0;
const log: string[] = [];
const raws: RawMcpServer[] = [];
let sandbox: Sandbox;
let upstreams: OpenUpstreams;
let modern: { url: string; headers: () => IncomingMessage["headers"]; close: () => Promise<void> };
/** Sessions that the older server knows; emptied, it is a server that was restarted. */
const sessions = new Set<string>();
let initialized = 0;

async function raw(answer: Parameters<typeof rawMcpServer>[0]): Promise<string> {
  const server = await rawMcpServer(answer);
  raws.push(server);
  return server.url;
}

beforeAll(async () => {
  const handler = toNodeHandler(createMcpHandler(() => upstreamServer()));
  let headers: IncomingMessage["headers"] = {};
  const server = createServer((request, response) => {
    headers = request.headers;
    void handler(request as Parameters<typeof handler>[0], response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  modern = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    headers: () => headers,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  const older = await raw((asked, request) => {
    const session = `${request.headers["mcp-session-id"]}`;
    if (asked.method !== "initialize" && asked.method !== "server/discover" && !sessions.has(session)) return 404;
    if (asked.method === "initialize") initialized++;
    const tools = [{ name: "whoami", inputSchema: { type: "object" } }];
    return (
      handshake(asked) ?? {
        result: asked.method === "tools/list" ? { tools } : { content: [{ type: "text", text: session }] },
      }
    );
  });
  const many = await raw((asked) => {
    const tools = Array.from({ length: sandboxLimits.upstreamToolsMax + 1 }, (_, index) => ({
      name: `t${index}`,
      inputSchema: { type: "object" },
    }));
    return handshake(asked) ?? { result: { tools } };
  });
  const endless = await raw((asked) => handshake(asked) ?? { result: { tools: [], nextCursor: `${Math.random()}` } });
  const flood = await raw((asked) => {
    const description = "x".repeat(sandboxLimits.upstreamMessageBytesMax);
    return handshake(asked) ?? { result: { tools: [{ name: "t", description, inputSchema: { type: "object" } }] } };
  });
  const closed = await rawMcpServer(() => 500);
  await closed.close();
  upstreams = openUpstreams({
    clock: { ...systemClock, monotonicMs: () => nowMs },
    log: (line) => log.push(line),
    servers: [
      spawned("local"),
      spawned("hasty", { timeoutMs: 50 }),
      spawned("nameless", { missing: "GITHUB_TOKEN" }),
      { name: "absent", reach: { kind: "stdio", command: "/nowhere/at-all", args: [], env: {} } },
      {
        name: "broken",
        reach: { kind: "stdio", command: process.execPath, args: ["-e", `console.error("no ${secret}")`], env: {} },
        secrets: [secret],
      },
      overHttp("remote", modern.url, { authorization: `Bearer ${secret}` }),
      overHttp("older", older),
      overHttp("locked", await raw(() => 401)),
      overHttp("refusing", closed.url),
      overHttp("many", many),
      overHttp("endless", endless),
      overHttp("flood", flood),
    ],
  });
  sandbox = realSandbox({ workers: 1, upstreams });
});
afterAll(async () => {
  await sandbox.close();
  await upstreams.close();
  await Promise.all([modern.close(), ...raws.map((server) => server.close())]);
});

async function evaluate(code: string) {
  const { result, error } = await runCode(sandbox, code, { timeout_ms: 60_000 });
  expect(error).toBeUndefined();
  return result;
}
const caught = (call: string) => evaluate(`try { await ${call}; "no error" } catch (e) { [e.code, e.message] }`);

describe.each(["local", "remote"])("five hundred tools of a server that is %s", (server) => {
  test("are found by search and described as typed calls", async () => {
    expect((await upstreams.list(server, { signal: AbortSignal.timeout(60_000) })).length).toBe(500);
    const found = await evaluate(`await mcp.search("add numbers", { server: "${server}" })`);
    expect(found).toEqual([{ name: `${server}.add_numbers`, description: "Add two numbers." }]);
    expect(await evaluate(`(await mcp.describe("${server}.add_numbers")).call`)).toBe(
      `mcp.${server}.add_numbers(args: { a: number; b: number }): Promise<{ sum: number }>`,
    );
  });
  test("answer with data", async () => {
    const code = `const all = await Promise.all([mcp.${server}.add_numbers({ a: 40, b: 2 }),
      mcp.${server}.echo_json({ value: { deep: [1] } }), mcp.${server}.say(), mcp.${server}.thing_499()]); all`;
    expect(await evaluate(code)).toEqual([{ sum: 42 }, { deep: [1] }, "plain words", 499]);
  });
  test("fail in words that a program can act upon", async () => {
    expect(await caught(`mcp.${server}.fail()`)).toEqual([
      "provider_error",
      `${server}.fail failed: the disk is full. Correct the arguments by what it says`,
    ]);
    expect(await caught(`mcp.${server}.add_numbers({ a: "x" })`)).toEqual([
      "provider_error",
      expect.stringContaining("a"),
    ]);
    expect(await caught(`mcp.${server}.no_such_tool()`)).toEqual([
      "not_found",
      expect.stringContaining("no_such_tool"),
    ]);
  });
  test("are cut off when they say too much, and can be called again", async () => {
    const large = (characters: number) => caught(`mcp.${server}.large({ characters: ${characters} })`);
    expect(await large(sandboxLimits.hostCallBytesMax)).toEqual(["too_large", expect.stringContaining("mcp.call")]);
    expect(await large(sandboxLimits.upstreamMessageBytesMax)).toEqual([
      "unavailable",
      expect.stringContaining(server),
    ]);
    expect(await evaluate(`await mcp.${server}.say()`)).toBe("plain words");
  });
});

describe("a server that is spawned", () => {
  test("is started again after it has died, and the call that it died in says so", async () => {
    const before = await evaluate("await mcp.local.pid()");
    expect(await caught("mcp.local.crash()")).toEqual([
      "unavailable",
      expect.stringContaining("connection was closed"),
    ]);
    const after = await evaluate("await mcp.local.pid()");
    expect(after).not.toBe(before);
    expect(await evaluate("await mcp.local.pid()")).toBe(after);
  });
  test("is told when the program that called it has ended", async () => {
    const before = Number(await evaluate("await mcp.local.cancelled()"));
    await runCode(sandbox, "void mcp.local.wait(); await mcp.local.say(); 1");
    expect(await evaluate("await mcp.local.cancelled()")).toBe(before + 1);
  });
  test("has the time that the settings give it", async () => {
    expect(await caught("mcp.hasty.wait()")).toEqual([
      "timeout",
      expect.stringContaining("hasty.wait did not answer within 50 ms"),
    ]);
  });
  test("has the environment that it was given and no more, and its secrets stay out of sight", async () => {
    const environment = (await evaluate("await mcp.local.environment()")) as Record<string, string>;
    expect(environment.TOKEN).toBe("Bearer [secret]");
    expect(Object.keys(environment)).not.toContain("VITEST");
  });
  test("can change what it offers", async () => {
    expect(await caught("mcp.local.grown()")).toEqual(["not_found", expect.any(String)]);
    expect(await evaluate("await mcp.local.grow(); await mcp.local.say(); await mcp.local.grown()")).toBe("later");
  });
  test("that cannot be started is said to be, once in a while and without its secrets", async () => {
    expect(await caught("mcp.absent.x()")).toEqual([
      "unavailable",
      expect.stringContaining("absent cannot be reached (ENOENT)"),
    ]);
    log.length = 0;
    expect(await caught("mcp.broken.x()")).toEqual([
      "unavailable",
      expect.stringContaining("broken cannot be reached"),
    ]);
    expect(await caught("mcp.broken.x()")).toEqual([
      "unavailable",
      expect.stringContaining("broken cannot be reached"),
    ]);
    expect(log).toEqual(["the MCP server broken cannot be reached; it said: no [secret]"]);
    nowMs += sandboxLimits.upstreamRetryMs;
    await caught("mcp.broken.x()");
    expect(log.length).toBe(2);
  });
  test("that needs a variable that is not set is not started", async () => {
    expect(await caught("mcp.nameless.x()")).toEqual(["unavailable", expect.stringContaining("needs GITHUB_TOKEN")]);
  });
  test("ends with the gateway", async () => {
    const own = openUpstreams({ clock: systemClock, servers: [spawned("own")] });
    const signal = AbortSignal.timeout(60_000);
    const { content } = await own.call("own", "pid", {}, { signal });
    const pid = Number(content[0]?.text);
    await own.close();
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
    await expect(own.call("own", "pid", {}, { signal })).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("a server over HTTP", () => {
  test("is sent the headers of the settings", async () => {
    await evaluate("await mcp.remote.say()");
    expect(modern.headers().authorization).toBe(`Bearer ${secret}`);
  });
  test("of the older protocol that has lost its sessions is given a new one", async () => {
    sessions.add("undefined");
    const first = initialized;
    expect(await evaluate("await mcp.older.whoami()")).toBe("undefined");
    sessions.clear();
    expect(await caught("mcp.older.whoami()")).toEqual(["unavailable", expect.stringContaining("HTTP 404")]);
    expect(initialized).toBeGreaterThan(first + 1);
    sessions.add("undefined");
    nowMs += sandboxLimits.upstreamRetryMs;
    expect(await evaluate("await mcp.older.whoami()")).toBe("undefined");
  });
  test("that refuses its credentials, or is not there, is said to", async () => {
    expect(await caught("mcp.locked.x()")).toEqual([
      "unavailable",
      expect.stringContaining("refused its credentials (HTTP 401)"),
    ]);
    expect(await caught("mcp.refusing.x()")).toEqual(["unavailable", expect.stringContaining("ECONNREFUSED")]);
  });
  test("that lists without end, or more than is taken, is refused", async () => {
    expect(await caught("mcp.many.t1()")).toEqual(["too_large", expect.stringContaining("5001 tools")]);
    expect(await caught("mcp.endless.x()")).toEqual(["unavailable", expect.stringContaining("endless")]);
    expect(await caught("mcp.flood.x()")).toEqual(["unavailable", expect.stringContaining("flood")]);
  });
});
