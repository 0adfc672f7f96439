import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { readBody, type TextBody } from "../../src/serve/http-body.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** What `readBody` makes of a request whose sender does as told. */
async function bodyOf(send: (sent: ReturnType<typeof request>) => void, bytesMax = 10): Promise<TextBody> {
  const read = Promise.withResolvers<TextBody>();
  const server = createServer((received) => void readBody(received, bytesMax, 100).then(read.resolve, read.reject));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const sent = request({ port: (server.address() as AddressInfo).port, host: "127.0.0.1", method: "POST" });
  sent.on("error", () => {});
  closers.push(() => {
    sent.destroy();
    server.close();
    server.closeAllConnections();
  });
  send(sent);
  return read.promise;
}

test("a body at the bound is read, one byte past it is not, whether its length is said or found", async () => {
  expect(await bodyOf((sent) => sent.end("0123456789"))).toEqual({ kind: "text", text: "0123456789" });
  expect(await bodyOf((sent) => sent.end("0123456789a"))).toEqual({ kind: "too_large" });
  const inParts = (sent: ReturnType<typeof request>) => {
    sent.write("01234");
    sent.end("56789a");
  };
  expect(await bodyOf(inParts)).toEqual({ kind: "too_large" });
});

test("a body that stands still is given up on", async () => {
  expect(await bodyOf((sent) => sent.write("0"))).toEqual({ kind: "too_slow" });
});

test("a character split between two packets is one character", async () => {
  const [first, second] = [Buffer.from("é").subarray(0, 1), Buffer.from("é").subarray(1)];
  const split = (sent: ReturnType<typeof request>) => {
    sent.write(first, () => sent.end(second));
  };
  expect(await bodyOf(split)).toEqual({ kind: "text", text: "é" });
  expect(await bodyOf((sent) => sent.end(first))).toEqual({ kind: "not_utf8" });
});

test("a client that leaves in the middle is no body", async () => {
  expect(await bodyOf((sent) => sent.write("0", () => setImmediate(() => sent.destroy())))).toEqual({
    kind: "aborted",
  });
});
