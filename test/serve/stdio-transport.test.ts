import { PassThrough, Writable } from "node:stream";
import { expect, test } from "vitest";
import { serveLimits } from "../../src/core/limits.ts";
import { StdioTransport } from "../../src/serve/stdio-transport.ts";

test("a host that leaves answers unread is not read from past the bound, until it reads again", async () => {
  const stdin = new PassThrough();
  let release: (() => void) | undefined;
  const stdout = new Writable({
    highWaterMark: 64 * 1024,
    write(_chunk, _encoding, written) {
      release = written;
    },
  });
  const transport = new StdioTransport({ stdin, stdout, log: () => {} });
  const received: unknown[] = [];
  transport.onmessage = (message) => void received.push(message);
  await transport.start();
  const ping = (id: number) => stdin.write(`${JSON.stringify({ jsonrpc: "2.0", id, method: "ping" })}\n`);
  const answer = (bytes: number) => transport.send({ jsonrpc: "2.0", id: 1, result: { text: "x".repeat(bytes) } });

  const half = serveLimits.stdioUnreadBytesMax / 2;
  await answer(half);
  ping(1);
  await expect.poll(() => received.length).toBe(1);
  await answer(half);
  expect(stdin.isPaused()).toBe(true);
  ping(2);
  await new Promise((resolve) => setImmediate(resolve));
  expect(received).toHaveLength(1);

  // The host reads: each write is taken as it comes.
  while (stdout.writableLength > 0) {
    const take = release;
    release = undefined;
    take?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  await expect.poll(() => received.length).toBe(2);
});
