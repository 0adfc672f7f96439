import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface, type Interface } from "node:readline";
import type { Readable } from "node:stream";
import { afterEach, expect, test } from "vitest";
import { serverPath } from "./support/raw-stdio.ts";

/** Preloaded into the server: answers SIGUSR2 with the bytes in use after a collection, on descriptor 3. */
const probe = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from "node:fs";
  process.on("SIGUSR2", async () => {
    for (let round = 0; round < 3; round += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      globalThis.gc();
    }
    writeSync(3, process.memoryUsage().heapUsed + "\\n");
  });
`)}`;

let child: ChildProcess | undefined;
afterEach(() => void child?.kill());

function start(...args: string[]): { lines: Interface; bytesInUse(): Promise<number>; write(line: string): void } {
  const server = spawn(process.execPath, ["--expose-gc", `--import=${probe}`, serverPath, ...args], {
    stdio: ["pipe", "pipe", "ignore", "pipe"],
  });
  child = server;
  const probed = createInterface({ input: server.stdio[3] as Readable });
  return {
    lines: createInterface({ input: server.stdout as Readable }),
    async bytesInUse() {
      const answer = once(probed, "line");
      server.kill("SIGUSR2");
      return Number(((await answer) as [string])[0]);
    },
    write: (line) => void server.stdin?.write(line),
  };
}

const callsPerRound = 600;
/** What is kept of one call grows past this; noise does not. */
const growthBytesMax = 900_000;

const message = (id: number, era: string) =>
  JSON.stringify({
    jsonrpc: "2.0",
    id,
    method: "tools/call",
    params: {
      name: "test_echo",
      arguments: { text: "hi" },
      _meta: {
        progressToken: id,
        ...(era === "modern"
          ? {
              "io.modelcontextprotocol/protocolVersion": "2026-07-28",
              "io.modelcontextprotocol/clientCapabilities": {},
            }
          : {}),
      },
    },
  });

test("nothing is kept of a call over HTTP, of either era, once it is answered", async () => {
  const server = start("http");
  const [url] = (await once(server.lines, "line")) as [string];
  const headers: Record<string, Record<string, string>> = {
    modern: { "MCP-Protocol-Version": "2026-07-28", "Mcp-Method": "tools/call", "Mcp-Name": "test_echo" },
    legacy: { "Mcp-Session-Id": "ses_1", "MCP-Protocol-Version": "2025-11-25" },
  };
  const accept = { "Content-Type": "application/json", Accept: "application/json, text/event-stream" };
  let id = 0;
  const round = async () => {
    const until = id + callsPerRound;
    const worker = async () => {
      while (id < until) {
        id += 1;
        const era = id % 2 === 0 ? "modern" : "legacy";
        const init = { method: "POST", headers: { ...accept, ...headers[era] }, body: message(id, era) };
        await (await fetch(`${url}/mcp`, init)).text();
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
  };
  await round();
  const before = await server.bytesInUse();
  await round();
  expect((await server.bytesInUse()) - before).toBeLessThan(growthBytesMax);
});

test("nothing is kept of a call over stdio once it is answered", async () => {
  const server = start("stdio");
  let answered = 0;
  let id = 0;
  server.lines.on("line", () => {
    answered += 1;
  });
  const round = async () => {
    const until = id + callsPerRound;
    while (id < until) {
      for (let n = 0; n < 50; n += 1) {
        id += 1;
        server.write(`${message(id, "legacy")}\n`);
      }
      await expect.poll(() => answered, { interval: 1, timeout: 10_000 }).toBe(id);
    }
  };
  await round();
  const before = await server.bytesInUse();
  await round();
  expect((await server.bytesInUse()) - before).toBeLessThan(growthBytesMax);
});
