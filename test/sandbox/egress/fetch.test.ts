import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sandboxLimits } from "../../../src/core/limits.ts";
import type { ExecAllow } from "../../../src/sandbox/exec-args.ts";
import type { Sandbox } from "../../../src/sandbox/sandbox.ts";
import { realSandbox, runCode } from "../../support/sandbox.ts";

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly host: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

let server: Server;
let sandbox: Sandbox;
let port = 0;
const seen: Seen[] = [];
const secret = "tok_very-secret/value+1";

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks).toString();
  const { method = "", url = "", headers } = request;
  seen.push({ method, url, host: headers.host ?? "", headers, body });
  const to = new URL(url, "http://x").searchParams.get("to") ?? "";
  if (url.startsWith("/redirect")) {
    response.writeHead(Number(new URL(url, "http://x").searchParams.get("status") ?? 302), { location: to }).end();
  } else if (url === "/echo") {
    response.setHeader("x-echo", headers.authorization ?? "none");
    response.end(JSON.stringify({ headers, base64: Buffer.from(headers.authorization ?? "").toString("base64") }));
  } else if (url === "/binary") response.end(Buffer.from([0, 255, 254, 1]));
  else if (url === "/gzip") response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("unpacked ü"));
  else if (url === "/bomb") {
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(50_000_000)));
  } else if (url === "/large") response.end("x".repeat(sandboxLimits.egressResponseBytesMax + 1));
  else if (url === "/hang") response.write("begun");
  else if (url === "/cut") {
    response.writeHead(200, { "content-length": "100" }).write("half");
    response.socket?.destroy();
  } else response.writeHead(url === "/missing" ? 404 : 200, { "content-type": "application/json" }).end('{"ok":true}');
}

beforeAll(async () => {
  server = createServer((request, response) => void answer(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as AddressInfo).port;
  const local = { scheme: "http", port, private: true } as const;
  sandbox = realSandbox({
    workers: 1,
    egress: {
      rules: [
        { host: "api.example", methods: ["GET", "POST", "PUT"], ...local },
        { host: "*.wild.example", ...local },
        { host: "other.example", methods: ["GET", "POST"], ...local },
        { host: "rebound.example", scheme: "http", port },
        { host: "secure.example" },
      ],
      secrets: [{ host: "api.example", header: "Authorization", value: `Bearer ${secret}` }],
    },
    // Every name leads here; what settings do not mark as private is refused for it.
    lookup: async () => ["127.0.0.1"],
  });
});
afterAll(async () => {
  await sandbox.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function evaluate(code: string, allow?: ExecAllow) {
  const { result, error } = await runCode(sandbox, code.replaceAll("PORT", `${port}`), { allow });
  expect(error).toBeUndefined();
  return result;
}
/** The code of the error that a fetch is refused with. */
const refusal = (call: string, allow?: ExecAllow) =>
  evaluate(`try { const r = await ${call}; "answered " + r.status } catch (e) { e.code }`, allow);

describe("fetch", () => {
  test("does not exist unless there is something to fetch from", async () => {
    const closed = realSandbox({ workers: 1 });
    expect((await runCode(closed, "typeof fetch + typeof Headers + typeof Response")).result).toBe(
      "undefinedundefinedundefined",
    );
    await closed.close();
    expect(await evaluate("typeof fetch", { hosts: [] })).toBe("undefined");
    expect(await evaluate("typeof fetch", { hosts: ["elsewhere.example"] })).toBe("undefined");
  });
  test("gets and posts, with headers and every kind of body", async () => {
    expect(await evaluate('(await fetch("http://api.example:PORT/a?b=1#c")).json()')).toEqual({ ok: true });
    expect(seen.at(-1)).toMatchObject({ method: "GET", url: "/a?b=1", host: `api.example:${port}` });
    const post = (body: string) =>
      `const r = await fetch("http://api.example:PORT/p", { method: "post", headers: { "X-A": "1", Host: "evil", Connection: "upgrade" }, body: ${body} }); [r.status, r.ok, r.headers.get("Content-Type"), r.url]`;
    expect(await evaluate(post('"ü"'))).toEqual([200, true, "application/json", `http://api.example:${port}/p`]);
    expect(seen.at(-1)).toMatchObject({ method: "POST", body: "ü", host: `api.example:${port}` });
    expect(seen.at(-1)?.headers).toMatchObject({
      "x-a": "1",
      "content-type": "text/plain;charset=UTF-8",
      connection: "close",
    });
    await evaluate(post("new Uint8Array([104, 105])"));
    expect(seen.at(-1)?.body).toBe("hi");
    await evaluate(post('new URLSearchParams({ q: "a b" })'));
    expect(seen.at(-1)).toMatchObject({
      body: "q=a+b",
      headers: { "content-type": "application/x-www-form-urlencoded;charset=UTF-8" },
    });
  });
  test("gives text, bytes and compressed bodies as they are, once", async () => {
    expect(await evaluate('[...await (await fetch("http://api.example:PORT/binary")).bytes()]')).toEqual([
      0, 255, 254, 1,
    ]);
    expect(await evaluate('(await fetch("http://api.example:PORT/gzip")).text()')).toBe("unpacked ü");
    expect(
      await evaluate('const r = await fetch("http://api.example:PORT/missing"); [r.ok, r.status, r.statusText]'),
    ).toEqual([false, 404, "Not Found"]);
    expect(
      await evaluate(
        'const r = await fetch("http://api.example:PORT/"); await r.text(); try { await r.text() } catch (e) { e.name }',
      ),
    ).toBe("TypeError");
  });
});

describe("what may be reached", () => {
  test.each([
    ["another host", 'fetch("http://nowhere.example:PORT/")'],
    ["a host that ends the same", 'fetch("http://evilapi.example:PORT/")'],
    ["a host above a wildcard", 'fetch("http://wild.example:PORT/")'],
    ["another port", 'fetch("http://api.example:1/")'],
    ["another scheme", 'fetch("https://api.example:PORT/")'],
    ["http where it was not asked for", 'fetch("http://secure.example/")'],
    ["another method", 'fetch("http://api.example:PORT/", { method: "DELETE" })'],
    ["a method that a wildcard does not give", 'fetch("http://a.wild.example:PORT/", { method: "POST" })'],
    ["an address in place of the name", 'fetch("http://127.0.0.1:PORT/")'],
    ["an address written in another way", 'fetch("http://2130706433:PORT/")'],
    ["the machine by name", 'fetch("http://localhost:PORT/")'],
    ["IPv6 loopback", 'fetch("http://[::1]:PORT/")'],
    ["the metadata service", 'fetch("http://169.254.169.254/latest/meta-data/")'],
    ["a name that leads to a private address", 'fetch("http://rebound.example:PORT/")'],
    ["a file", 'fetch("file:///etc/passwd")'],
    ["data", 'fetch("data:text/plain,hi")'],
  ])("is not %s", async (_what, call) => {
    const before = seen.length;
    expect(await refusal(call)).toBe("forbidden");
    expect(seen.length).toBe(before);
  });
  test("is what the call narrows it to", async () => {
    expect(await refusal('fetch("http://api.example:PORT/")', { hosts: ["other.example"] })).toBe("forbidden");
    expect(await refusal('fetch("http://other.example:PORT/")', { hosts: ["other.example"] })).toBe("answered 200");
    expect(await refusal('fetch("http://a.wild.example:PORT/")', { hosts: ["a.wild.example"] })).toBe("answered 200");
    expect(await refusal('fetch("http://b.wild.example:PORT/")', { hosts: ["a.wild.example"] })).toBe("forbidden");
    expect(await refusal('fetch("http://a.b.wild.example:PORT/")', { hosts: ["*.wild.example"] })).toBe("answered 200");
  });
  test.each([
    ["a URL that is not one", 'fetch("nope")'],
    ["a user name in the URL", 'fetch("http://a:b@api.example:PORT/")'],
    ["a method that is not one", 'fetch("http://api.example:PORT/", { method: "GET /x HTTP/1.1" })'],
    ["CONNECT", 'fetch("http://api.example:PORT/", { method: "CONNECT" })'],
    ["a header with a line break", 'fetch("http://api.example:PORT/", { headers: { a: "b\\r\\nHost: evil" } })'],
    ["a header name that is not one", 'fetch("http://api.example:PORT/", { headers: { "a b": "c" } })'],
    ["a body with GET", 'fetch("http://api.example:PORT/", { body: "x" })'],
    [
      "too many headers",
      'fetch("http://api.example:PORT/", { headers: Object.fromEntries(Array.from({ length: 65 }, (_, i) => ["h" + i, "x"])) })',
    ],
  ])("a request that is not one is refused: %s", async (_what, call) => {
    expect(await refusal(call)).toBe("invalid_request");
  });
});

describe("redirects", () => {
  const via = (to: string, status = 302) =>
    `http://api.example:PORT/redirect?status=${status}&to=${encodeURIComponent(to.replaceAll("PORT", `${port}`))}`;
  test("are followed, and say so", async () => {
    const code = `const r = await fetch("${via("http://other.example:PORT/echo")}"); [r.redirected, r.url]`;
    expect(await evaluate(code)).toEqual([true, `http://other.example:${port}/echo`]);
  });
  test("are checked at every hop", async () => {
    for (const to of [
      "http://nowhere.example:PORT/",
      "http://127.0.0.1:PORT/",
      "http://169.254.169.254/",
      "http://rebound.example:PORT/",
      "file:///etc/passwd",
    ]) {
      expect(await refusal(`fetch("${via(to)}")`)).toBe("forbidden");
    }
  });
  test("without end are given up", async () => {
    const loop = `http://other.example:${port}/redirect?to=${encodeURIComponent("?to=")}`;
    const before = seen.length;
    const again = "/redirect?to=%2Fredirect";
    expect(await refusal(`fetch("http://other.example:PORT${again}")`)).toMatch(/answered 302|unavailable/);
    expect(await refusal(`fetch("${loop}")`)).toMatch(/answered|unavailable/);
    const endless = `http://other.example:${port}/redirect/x?to=${encodeURIComponent(`http://other.example:${port}/redirect/x`)}`;
    expect(await refusal(`fetch("${endless}")`)).toMatch(/answered 302|unavailable/);
    expect(seen.length - before).toBeLessThanOrEqual(3 * (sandboxLimits.egressRedirectsMax + 1));
  });
  test("keep or drop method and body as the standard says, and drop what was meant for one origin", async () => {
    const post = (status: number) =>
      `await fetch("${via("http://other.example:PORT/done", status)}", { method: "POST", body: "b", headers: { authorization: "mine", cookie: "c", "x-a": "1" } }); 1`;
    await evaluate(post(303));
    expect(seen.at(-1)).toMatchObject({ method: "GET", body: "", host: `other.example:${port}` });
    await evaluate(post(307));
    expect(seen.at(-1)).toMatchObject({ method: "POST", body: "b" });
    expect(seen.at(-1)?.headers).toMatchObject({ "x-a": "1" });
    expect(seen.at(-1)?.headers.authorization).toBeUndefined();
    expect(seen.at(-1)?.headers.cookie).toBeUndefined();
  });
});

describe("a secret", () => {
  test("is sent to its host, in place of the program's own header, and to no other", async () => {
    await evaluate('await fetch("http://api.example:PORT/", { headers: { Authorization: "mine" } }); 1');
    expect(seen.at(-1)?.headers.authorization).toBe(`Bearer ${secret}`);
    await evaluate('await fetch("http://other.example:PORT/"); 1');
    expect(seen.at(-1)?.headers.authorization).toBeUndefined();
    await evaluate(
      `await fetch("http://api.example:PORT/redirect?to=" + encodeURIComponent("http://other.example:PORT/")); 1`,
    );
    expect(seen.at(-1)).toMatchObject({ host: `other.example:${port}` });
    expect(seen.at(-1)?.headers.authorization).toBeUndefined();
  });
  test("is not shown by a server that echoes its request", async () => {
    const code =
      'const r = await fetch("http://api.example:PORT/echo"); JSON.stringify([await r.text(), [...r.headers]])';
    const shown = String(await evaluate(code));
    expect(seen.at(-1)?.headers.authorization).toBe(`Bearer ${secret}`);
    expect(shown).toContain("[secret]");
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(`Bearer ${secret}`).toString("base64")]) {
      expect(shown).not.toContain(form.slice(0, 24));
    }
  });
});

describe("what goes wrong", () => {
  test.each([
    ["an answer that is too large", "/large", "too_large"],
    ["a compressed answer that is too large", "/bomb", "too_large"],
    ["an answer that is cut", "/cut", "unavailable"],
  ])("%s is an error", async (_what, path, code) => {
    expect(await refusal(`fetch("http://api.example:PORT${path}")`)).toBe(code);
  });
  test("a host that is not there is an error that says no more than that", async () => {
    const dead = realSandbox({
      workers: 1,
      egress: { rules: [{ host: "dead.example", scheme: "http", port: 9, private: true }] },
      lookup: async () => ["127.0.0.1"],
    });
    const code = 'try { await fetch("http://dead.example:9/") } catch (e) { [e.code, e.message] }';
    const { result } = await runCode(dead, code);
    expect(result).toEqual([
      "unavailable",
      "the host dead.example could not be reached (ECONNREFUSED). Try again later",
    ]);
    await dead.close();
  });
  test("a program's end ends its requests", async () => {
    const closed = new Promise((resolve) => server.once("connection", (socket) => socket.once("close", resolve)));
    await evaluate(
      'fetch("http://api.example:PORT/hang").catch(() => {}); await new Promise((r) => setTimeout(r, 50)); 1',
    );
    await closed;
  });
});
