import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { deadline } from "../../../src/core/deadline.ts";
import { providerLimits } from "../../../src/core/limits.ts";
import { readBytes, readText } from "../../../src/providers/wire/read.ts";
import { openWire, type Wire } from "../../../src/providers/wire/wire.ts";
import { serve, type TestServer } from "../support/server.ts";

let wire: Wire;
const servers: TestServer[] = [];
const signal = new AbortController().signal;

beforeEach(() => {
  wire = openWire();
});
afterEach(async () => {
  await wire.close();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(handle: Parameters<typeof serve>[0]): Promise<TestServer> {
  const server = await serve(handle);
  servers.push(server);
  return server;
}

const post = (url: string, body = "{}") => ({ method: "POST" as const, url, headers: { "x-test": "1" }, body });

describe("sending", () => {
  test("a request arrives as it is, and status, headers and body come back", async () => {
    const server = await start(async (request, response) => {
      const body: Uint8Array[] = [];
      for await (const chunk of request) body.push(chunk as Uint8Array);
      response.writeHead(418, { "x-request-id": "req_1" });
      response.end(`${request.method} ${request.url} ${request.headers["x-test"]} ${Buffer.concat(body)}`);
    });
    const response = await wire.send(post(`${server.url}/v1/x?alt=sse`, '{"ä":1}'), { signal });
    expect(response.status).toBe(418);
    expect(response.headers["x-request-id"]).toBe("req_1");
    expect(await readText(response.body, 1_000)).toBe('POST /v1/x?alt=sse 1 {"ä":1}');
  });

  test("a header that is to be new each time is a UUID of its own for each sending", async () => {
    const seen: unknown[] = [];
    const server = await start((request, response) => {
      seen.push(request.headers["x-trace"]);
      response.end();
    });
    const request = { ...post(server.url), freshIdHeaders: ["x-trace"] };
    for (let n = 0; n < 2; n++) await (await wire.send(request, { signal })).dump();
    for (const id of seen) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(seen).size).toBe(2);
  });

  test("connections are kept and used again, also after an answer that was given up near its end", async () => {
    const server = await start((_request, response) => {
      response.write("data: [DONE]\n\n");
      response.end();
    });
    for (let n = 0; n < 5; n++) {
      const response = await wire.send(post(server.url), { signal });
      await response.dump();
    }
    // The pool may open a second while the first is being put back.
    expect(server.connections()).toBeLessThan(3);
  });

  test("a long rest that nobody wants closes the connection in place of being read", async () => {
    let sent = 0;
    const server = await start((_request, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16_384))) sent += 16_384;
        sent += 16_384;
      };
      response.on("drain", more);
      more();
    });
    const response = await wire.send(post(server.url), { signal });
    await response.dump();
    expect(sent).toBeLessThan(64 * providerLimits.dumpBytesMax);
  });

  test("one request more than may wait for a connection is refused, and those that wait are answered", async () => {
    wire = openWire({ connectionsPerOriginMax: 1, queuedPerOriginMax: 2 });
    const waiting: (() => void)[] = [];
    const server = await start((_request, response) => {
      waiting.push(() => response.end("ok"));
      if (waiting.length === 1) arrived();
    });
    let arrived = () => {};
    const first = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const sent = [wire.send(post(server.url), { signal })];
    await first;
    sent.push(wire.send(post(server.url), { signal }), wire.send(post(server.url), { signal }));
    await expect(wire.send(post(server.url), { signal })).rejects.toMatchObject({
      failure: { kind: "overloaded" },
      sentBytes: false,
    });
    for (const response of sent) {
      while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
      waiting.shift()?.();
      expect(await readText((await response).body, 10)).toBe("ok");
    }
  });

  test("a base URL that is none is refused", async () => {
    await expect(wire.send(post("ftp://x"), { signal })).rejects.toMatchObject({ code: "invalid_request" });
  });
});

describe("what goes wrong", () => {
  test("a refused connection is known to be before any byte was sent", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    await expect(wire.send(post(`http://127.0.0.1:${port}`), { signal })).rejects.toMatchObject({
      failure: { kind: "network", code: "ECONNREFUSED" },
      sentBytes: false,
    });
  });

  test("a host that does not exist is known to be before any byte was sent", async () => {
    await expect(wire.send(post("http://does-not-exist.invalid"), { signal })).rejects.toMatchObject({
      failure: { kind: "network" },
      sentBytes: false,
    });
  });

  test("waiting too long for a connection is known to be before any byte was sent", async () => {
    wire = openWire({ connectionsPerOriginMax: 1 });
    const server = await start(() => {});
    const busy = wire.send(post(server.url), { signal });
    busy.catch(() => {});
    await expect(wire.send(post(server.url), { signal, connectTimeoutMs: 30 })).rejects.toMatchObject({
      failure: { kind: "network" },
      sentBytes: false,
    });
  });

  test("no answer in time is a timeout after bytes were sent", async () => {
    const server = await start(() => {});
    await expect(wire.send(post(server.url), { signal, firstByteTimeoutMs: 30 })).rejects.toMatchObject({
      failure: { kind: "timeout" },
      sentBytes: true,
    });
  });

  test("an answer that stops is a timeout, after what had come was given out", async () => {
    const server = await start((_request, response) => void response.write("first"));
    const response = await wire.send(post(server.url), { signal, betweenChunksTimeoutMs: 30 });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const chunk of response.body) seen.push(Buffer.from(chunk).toString());
    })();
    await expect(reading).rejects.toMatchObject({ failure: { kind: "timeout" } });
    expect(seen).toEqual(["first"]);
  });

  test("a connection that breaks in the middle of an answer is a network failure", async () => {
    const server = await start((_request, response) => {
      response.write("first", () => response.destroy());
    });
    const response = await wire.send(post(server.url), { signal });
    await expect(readText(response.body, 1_000)).rejects.toMatchObject({
      failure: { kind: "network" },
      sentBytes: true,
    });
  });

  test("bytes that are not HTTP are a malformed answer", async () => {
    const server = createServer((socket) => socket.end("SSH-2.0-OpenSSH\r\n\r\n")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    await expect(wire.send(post(`http://127.0.0.1:${port}`), { signal })).rejects.toMatchObject({
      failure: { kind: "malformed" },
    });
    server.close();
  });

  test("a body one byte past the bound is malformed; text is cut there in place", async () => {
    const server = await start((_request, response) => void response.end("x".repeat(100)));
    const body = async () => (await wire.send(post(server.url), { signal })).body;
    expect((await readBytes(await body(), 100)).byteLength).toBe(100);
    await expect(readBytes(await body(), 99)).rejects.toMatchObject({ failure: { kind: "malformed" } });
    expect(await readText(await body(), 99)).toHaveLength(99);
  });
});

describe("stopping", () => {
  test("aborting while an answer streams closes the connection to the provider and says why", async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const server = await start((request, response) => {
      closed = once(request.socket, "close");
      response.write("first");
    });
    const abort = new AbortController();
    const response = await wire.send(post(server.url), { signal: abort.signal });
    const iterator = response.body[Symbol.asyncIterator]();
    await iterator.next();
    abort.abort();
    await expect(iterator.next()).rejects.toMatchObject({ code: "cancelled" });
    await closed;
  });

  test("a deadline that passes before the answer rejects with the deadline's own error", async () => {
    const server = await start(() => {});
    using limit = deadline(20);
    await expect(wire.send(post(server.url), { signal: limit.signal })).rejects.toMatchObject({ code: "timeout" });
  });

  test("aborting a request that waits for a connection rejects it at once and never sends it", async () => {
    wire = openWire({ connectionsPerOriginMax: 1 });
    const paths: (string | undefined)[] = [];
    let finish = () => {};
    const server = await start((request, response) => {
      paths.push(request.url);
      finish = () => response.end("ok");
    });
    const first = wire.send(post(`${server.url}/first`), { signal });
    while (paths.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const abort = new AbortController();
    const second = wire.send(post(`${server.url}/second`), { signal: abort.signal });
    abort.abort();
    await expect(second).rejects.toMatchObject({ code: "cancelled" });
    finish();
    await readText((await first).body, 10);
    const third = wire.send(post(`${server.url}/third`), { signal });
    while (!paths.includes("/third")) await new Promise((resolve) => setImmediate(resolve));
    finish();
    await readText((await third).body, 10);
    expect(paths).toEqual(["/first", "/third"]);
  });

  test("a reader that stops early closes the connection to the provider", async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const server = await start((request, response) => {
      closed = once(request.socket, "close");
      response.write("first");
    });
    const response = await wire.send(post(server.url), { signal });
    for await (const _chunk of response.body) break;
    await closed;
  });

  test("a provider faster than its reader is held back, and nothing is lost", async () => {
    const total = 40 * providerLimits.bufferedBytesMax;
    let written = 0;
    const server = await start((_request, response) => {
      const more = () => {
        while (written < total) {
          written += 65_536;
          if (!response.write(Buffer.alloc(65_536, 1))) return;
        }
        response.end();
      };
      response.on("drain", more);
      more();
    });
    const response = await wire.send(post(server.url), { signal });
    const iterator = response.body[Symbol.asyncIterator]();
    let read = (await iterator.next()).value?.byteLength ?? 0;
    for (let turn = 0; turn < 200; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(written).toBeLessThan(total);
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) read += next.value.byteLength;
    expect(read).toBe(total);
  });

  test("closing the wire fails what is under way", async () => {
    const server = await start((_request, response) => void response.write("first"));
    const response = await wire.send(post(server.url), { signal });
    const reading = readText(response.body, 1_000);
    reading.catch(() => {});
    await wire.close();
    await expect(reading).rejects.toMatchObject({ failure: { kind: "network" } });
  });
});
