import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { serveLimits } from "../../src/core/limits.ts";
import { RawStdio } from "./support/raw-stdio.ts";

/** Shared by the tests after which a connection lives on, which each of them thereby proves. */
let server: RawStdio;
beforeAll(() => {
  server = new RawStdio();
});
beforeEach(() => server.forget());
afterAll(() => server[Symbol.asyncDispose]());

const echo = { jsonrpc: "2.0", method: "tools/call", params: { name: "test_echo", arguments: { text: "hi" } } };

test("a message over the limit is answered with its id and the connection lives on", async () => {
  const big = {
    ...echo,
    id: 1,
    params: { ...echo.params, arguments: { text: "x".repeat(serveLimits.stdioMessageBytesMax) } },
  };
  server.write(`${JSON.stringify(big)}\n`);
  const refused = await server.answer(1);
  expect(refused.error).toMatchObject({
    code: -32600,
    message: expect.stringContaining("too_large"),
    data: { code: "too_large", message_bytes_max: serveLimits.stdioMessageBytesMax },
  });
  // An id after the content is found as well; where there is none, the answer has none.
  const { id: _, ...rest } = big;
  server.write(`${JSON.stringify({ ...rest, id: "last" })}\n`);
  expect((await server.answer("last")).error?.code).toBe(-32600);
  server.write(`${"y".repeat(serveLimits.stdioMessageBytesMax + 1)}\n`);
  expect((await server.answer(null)).error?.code).toBe(-32600);
  server.call(2, "test_echo", { text: "still here" });
  expect((await server.answer(2)).result?.structuredContent).toMatchObject({ text: "still here" });
});

test("a message just under the limit is served, in one piece and in many", async () => {
  const text = "x".repeat(serveLimits.stdioMessageBytesMax - 200);
  const line = `${JSON.stringify({ ...echo, id: 1, params: { ...echo.params, arguments: { text } } })}\n`;
  expect(line.length - 1).toBeLessThanOrEqual(serveLimits.stdioMessageBytesMax);
  server.write(line);
  expect((await server.answer(1)).result?.isError).toBeUndefined();
});

test("lines that are no messages are answered where somebody may wait and skipped otherwise", async () => {
  server.write("Debugger attached.\n\n\r\n   \n");
  server.write('{"jsonrpc":"2.0","id":5,"method":"tools/call","params":{"na\n');
  expect((await server.answer(5)).error).toMatchObject({ code: -32700, message: "The message is not valid JSON" });
  server.write(
    Buffer.concat([
      Buffer.from('{"jsonrpc":"2.0","id":6,"method":"ping","x":"'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('"}\n'),
    ]),
  );
  expect((await server.answer(6)).error).toMatchObject({ code: -32700, message: "The message is not valid UTF-8" });
  server.write('{"id":7,"method":"ping"}\n');
  expect((await server.answer(7)).error?.code).toBe(-32600);
  server.write('[{"jsonrpc":"2.0","id":8,"method":"ping"}]\n');
  expect((await server.answer(null)).error?.code).toBe(-32600);
  server.write('42\n"text"\nnull\n{"a":1}\n');
  server.send(9, "ping");
  expect((await server.answer(9)).result).toEqual({});
  expect(server.unexpected).toEqual([]);
});

test("arguments nested without end are refused and the next call works", async () => {
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  server.write(
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"test_echo","arguments":{"text":${deep}}}}\n`,
  );
  expect((await server.answer(1)).result).toMatchObject({ isError: true });
  server.call(2, "test_echo", { text: "hi" });
  expect((await server.answer(2)).result?.structuredContent).toMatchObject({ text: "hi" });
});

test("a cancelled call is aborted and never answered", async () => {
  server.call(1, "test_wait", {}, { progressToken: "t" });
  await server.next((answer) => answer.method === "notifications/progress");
  server.send(undefined, "notifications/cancelled", { requestId: 1, reason: "no longer wanted" });
  server.call(2, "test_wait", { steps: 5 });
  await server.answer(2);
  expect(server.unexpected.filter((answer) => answer.id === 1)).toEqual([]);
});

test("progress is sent to those who asked for it, and to nobody else", async () => {
  server.call(1, "test_wait", { steps: 3 });
  server.call(2, "test_wait", { steps: 3 }, { progressToken: 77 });
  await Promise.all([server.answer(1), server.answer(2)]);
  const sent = server.unexpected.filter((answer) => answer.method === "notifications/progress");
  expect(sent.length).toBeGreaterThanOrEqual(2);
  expect(new Set(sent.map((answer) => answer.params?.progressToken))).toEqual(new Set([77]));
  expect(sent.at(-1)?.params).toMatchObject({ progress: 3, message: "step 3" });
});

test("the end of input aborts what runs, closes the gateway and ends the process cleanly", async () => {
  await using server = new RawStdio();
  server.call(1, "test_wait", {}, { progressToken: "t" });
  await server.next((answer) => answer.method === "notifications/progress");
  server.endInput();
  expect(await server.exitCode()).toBe(0);
  expect(server.stderr).toContain("gateway closed");
  expect(server.stderr.trimEnd().endsWith("bye")).toBe(true);
});

test("a host that closes our output while we answer ends the process cleanly", async () => {
  await using server = new RawStdio();
  server.call(1, "test_echo", { text: "hi" });
  await server.answer(1);
  server.closeOutput();
  for (let id = 2; id < 50; id += 1) server.call(id, "test_long", { characters: 15_000 });
  expect(await server.exitCode()).toBe(0);
  expect(server.stderr).toContain("bye");
});

test("a failing tool is an answer, and what it must not tell is only in the log", async () => {
  server.call(1, "test_fail", { how: "unexpected" });
  server.call(2, "test_fail", { how: "not_json" });
  for (const id of [1, 2]) {
    const { result } = await server.answer(id);
    expect(result).toMatchObject({ isError: true, structuredContent: { error: { code: "internal" } } });
    expect(JSON.stringify(result)).not.toContain("secret");
  }
  expect(server.stderr).toContain("secret path");
});

test("more calls than may run at once are refused and said to be worth repeating", async () => {
  await using server = new RawStdio();
  for (let id = 0; id < serveLimits.callsInFlightMax; id += 1) server.call(id, "test_wait", {});
  server.call(-1, "test_echo", { text: "hi" });
  expect((await server.answer(-1)).result).toMatchObject({
    isError: true,
    structuredContent: { error: { code: "rate_limited", retryable: true } },
  });
  for (let id = 0; id < serveLimits.callsInFlightMax; id += 1) {
    server.send(undefined, "notifications/cancelled", { requestId: id });
  }
  server.call(-2, "test_echo", { text: "hi" });
  expect((await server.answer(-2)).result?.isError).toBeUndefined();
});

test("one subscription past the bound is refused and the others stay", async () => {
  await using server = new RawStdio();
  const _meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const listen = (id: number) =>
    server.send(id, "subscriptions/listen", { notifications: { toolsListChanged: true }, _meta });
  for (let id = 0; id <= serveLimits.subscriptionsMax; id += 1) listen(id);
  expect((await server.answer(serveLimits.subscriptionsMax)).error?.message).toContain("limit");
  const acks = server.unexpected.filter(({ method }) => method === "notifications/subscriptions/acknowledged");
  expect(acks).toHaveLength(serveLimits.subscriptionsMax);
  server.send(undefined, "notifications/cancelled", { requestId: 0, _meta });
  listen(1_000);
  await server.next(({ method, params }) => {
    const meta = params?._meta as Record<string, unknown> | undefined;
    return method?.endsWith("acknowledged") === true && meta?.["io.modelcontextprotocol/subscriptionId"] === 1_000;
  });
});

test("nothing but protocol is written to stdout", async () => {
  server.call(1, "test_fail", { how: "unexpected" });
  server.write("noise\n");
  server.call(2, "test_echo", { text: "hi" });
  await Promise.all([server.answer(1), server.answer(2)]);
  // RawStdio parses every line as JSON and would have thrown.
  expect(server.unexpected).toEqual([]);
});
