import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readEvents, readText } from "../../../src/providers/wire/read.ts";
import { claudeStream } from "../anthropic/fixture.ts";
import { bytes, events } from "../support/stream.ts";

const stream = [
  ": a comment",
  "",
  "event: one",
  'data: {"a":"ä€🙂"}',
  "",
  "id: 7",
  "retry: 10",
  "data: line 1",
  "data: line 2",
  "",
  "data:[DONE]",
  "",
  "",
].join("\n");
const expected = [{ event: "one", data: '{"a":"ä€🙂"}' }, { data: "line 1\nline 2" }, { data: "[DONE]" }];
const facts = (found: readonly { event?: string | undefined; data: string }[]) =>
  found.map(({ event, data }) => ({ ...(event && { event }), data }));

describe("server-sent events", () => {
  test.each([
    ["\\n", stream],
    ["\\r\\n", stream.replaceAll("\n", "\r\n")],
    ["\\r", stream.replaceAll("\n", "\r")],
  ])("lines that end in %s, split at every byte, are the same events", async (_name, text) => {
    const length = Buffer.byteLength(text);
    for (let cut = 0; cut <= length; cut++) expect(facts(await events(bytes(text, cut)))).toEqual(expected);
  });

  test("any number of cuts anywhere gives the same events", async () => {
    const whole = await events(bytes(claudeStream));
    expect(whole).toHaveLength(17);
    const cut = fc.integer({ min: 0, max: Buffer.byteLength(claudeStream) });
    await fc.assert(
      fc.asyncProperty(fc.array(cut, { maxLength: 30 }), async (cuts) => {
        expect(await events(bytes(claudeStream, ...cuts))).toEqual(whole);
      }),
    );
  });

  test("a last event without its blank line counts when it is whole and not when it was cut", async () => {
    expect(await events(bytes('data: {"a":1}'))).toMatchObject([{ data: '{"a":1}' }]);
    expect(await events(bytes("data: [DONE]"))).toMatchObject([{ data: "[DONE]" }]);
    expect(await events(bytes('data: {"a":'))).toEqual([]);
  });

  test("bytes that are not UTF-8 do not end the stream", async () => {
    async function* odd() {
      yield Buffer.from('data: {"a":"');
      yield Buffer.from([0xff, 0xfe]);
      yield Buffer.from('"}\n\n');
    }
    expect(await events(odd())).toMatchObject([{ data: '{"a":"\ufffd\ufffd"}' }]);
  });

  test("an event one character past the bound is malformed", async () => {
    const read = async (held: number) => {
      const found: unknown[] = [];
      for await (const event of readEvents(bytes(`data: ${"x".repeat(200)}\n\n`, held), 100)) found.push(event);
      return found;
    };
    expect(await read(100)).toHaveLength(1);
    await expect(read(101)).rejects.toMatchObject({ failure: { kind: "malformed" } });
  });

  test("text that is cut at the bound does not end in half a character", async () => {
    expect(await readText(bytes("aä"), 2)).toBe("a\ufffd");
  });
});
