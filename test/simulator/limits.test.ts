import { request as httpRequest } from "node:http";
import { expect, test } from "vitest";
import { simulatorLimits } from "../../src/core/limits.ts";
import { book, type OpenEntry } from "../../src/simulator/book.ts";
import { readInstructions } from "../../src/simulator/model/instructions.ts";
import { at, send } from "./support/raw.ts";
import { headersFor, useSimulator } from "./support/simulator.ts";

const simulator = useSimulator();

const entry = (sequence: number): OpenEntry => ({
  sequence,
  provider: "openai",
  model: null,
  method: "POST",
  path: "/",
  requestId: "",
  clientRequestId: null,
  idempotencyKey: null,
  startedAtMs: 0,
  endedAtMs: null,
  status: 200,
  fault: null,
  outcome: "succeeded",
  streamed: false,
  eventsSent: 0,
  billed: { inputTokens: 1 },
});

test("the book forgets single requests past its limit and goes on counting", () => {
  const account = book();
  const count = Math.ceil(simulatorLimits.bookEntriesMax * 1.1) + 1;
  for (let sequence = 1; sequence <= count; sequence += 1) {
    const one = entry(sequence);
    account.open(one, Buffer.alloc(0));
    account.close(one);
  }
  expect(account.entries).toHaveLength(simulatorLimits.bookEntriesMax);
  expect(account.entries.at(-1)?.sequence).toBe(count);
  expect(account.totals()).toMatchObject({ requests: count, billed: { inputTokens: count } });
});

test("a body over the book's limit is not kept", () => {
  const account = book();
  account.open(entry(1), Buffer.alloc(simulatorLimits.bookBodyBytesMax, "1"));
  account.open(entry(2), Buffer.alloc(simulatorLimits.bookBodyBytesMax + 1, "1"));
  expect(account.bodies()).toHaveLength(1);
});

test("a body over the limit is refused in the provider's words, though the client has not sent it all", async () => {
  const url = `${simulator().baseUrl("openai")}/chat/completions`;
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const request = httpRequest(url, { method: "POST", headers: headersFor(simulator(), "openai") }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on("error", reject);
    const piece = Buffer.alloc(1024 * 1024, "x");
    for (let sent = 0; sent < simulatorLimits.requestBodyBytesMax; sent += piece.length) request.write(piece);
    request.write("x");
  });
  expect(status).toBe(413);
});

test("more words than the limit are not said, and only the end of a long prompt is searched for what to do", () => {
  const none = new Set<string>();
  expect(readInstructions(`say ${simulatorLimits.wordsMax + 1} words`, none).words).toBe(simulatorLimits.wordsMax);
  const filler = "x ".repeat(simulatorLimits.instructionCharactersMax / 2);
  expect(readInstructions(`refuse ${filler}`, none).refuse).toBe(false);
  expect(readInstructions(`${filler} refuse`, none).refuse).toBe(true);
});

test("a long prompt is echoed in part", async () => {
  const ask = async (length: number) => {
    const made = await send(simulator(), "openai", "POST", "/chat/completions", {
      model: "gpt-4.1",
      messages: [{ role: "user", content: "x".repeat(length) }],
    });
    return String(at(made.json, "choices.0.message.content"));
  };
  const limit = simulatorLimits.echoCharactersMax;
  expect(await ask(limit)).toMatch(new RegExp(`x{${limit}}$`));
  expect(await ask(limit + 1)).toMatch(new RegExp(`[^x]x{${limit}}…$`));
});

test("the oldest stored response is forgotten past the limit", async () => {
  const create = async () =>
    String(at((await send(simulator(), "openai", "POST", "/responses", { model: "gpt-4.1", input: "x" })).json, "id"));
  const status = async (id: string) => (await send(simulator(), "openai", "GET", `/responses/${id}`)).status;
  const first = await create();
  let left = simulatorLimits.storedResponsesMax - 1;
  for (; left > 0; left -= 33) await Promise.all(Array.from({ length: Math.min(33, left) }, create));
  expect(await status(first)).toBe(200);
  const last = await create();
  expect([await status(first), await status(last)]).toEqual([404, 200]);
});
