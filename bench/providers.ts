/**
 * What a streamed answer costs between the socket and the pipeline: CPU for each event of each dialect (split, parsed,
 * converted, accounted for) against splitting and `JSON.parse` alone, and memory over a long stream.
 *
 *   node bench/providers.ts [--rounds=15] [--events=20000]
 */

import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createParser } from "eventsource-parser";
import type { ModelCard } from "../src/core/model-card.ts";
import type { Adapter } from "../src/providers/adapter.ts";
import { TextCollector } from "../src/providers/collect.ts";
import { loadAdapter } from "../src/providers/registry.ts";
import { readEventBatches } from "../src/providers/wire/read.ts";

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "15" }, events: { type: "string", default: "20000" } },
});
const rounds = Number(values.rounds);
const events = Number(values.events);
const ratioMax = 2;
const chunkBytes = 1_400;
const longStream = 100_000;
const heapGrowthMaxBytes = 2 * 1024 * 1024;

const card = (id: string): ModelCard => ({
  id,
  provider: id.slice(0, id.indexOf("/")),
  nativeId: id.slice(id.indexOf("/") + 1),
  task: "text",
  input: ["text"],
  context: null,
  maxOutput: null,
  price: null,
  priceSource: "bench",
  features: { tools: true, json_schema: true, vision: true, reasoning: true, streaming: true },
  status: "ga",
});

interface Dialect {
  readonly name: string;
  readonly model: ModelCard;
  /** The stream's events as text, `count` of them text deltas. */
  stream(count: number): Iterable<string>;
}

const word = (n: number) => ` word${n % 97}`;
const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const named = (value: { type: string }) => `event: ${value.type}\n${data(value)}`;

const dialects: readonly Dialect[] = [
  {
    name: "OpenAI chat",
    model: card("openai/gpt-4.1"),
    *stream(count) {
      const chunk = (delta: object, rest: object = {}) =>
        data({
          id: "chatcmpl-Qx72aBcDeFgHiJkLmNoPqRsT",
          object: "chat.completion.chunk",
          created: 1_795_250_001,
          model: "gpt-4.1-2025-04-14",
          service_tier: "default",
          system_fingerprint: "fp_0123456789",
          choices: [{ index: 0, delta, logprobs: null, finish_reason: null, ...rest }],
          usage: null,
          obfuscation: "k2fAbCdE",
        });
      for (let n = 0; n < count; n++) yield chunk({ content: word(n) });
      yield chunk({}, { finish_reason: "stop" });
      yield data({
        id: "chatcmpl-Qx72",
        choices: [],
        usage: { prompt_tokens: 9, completion_tokens: count, total_tokens: count + 9 },
      });
      yield "data: [DONE]\n\n";
    },
  },
  {
    name: "OpenAI Responses",
    model: card("openai/gpt-5.4"),
    *stream(count) {
      for (let n = 0; n < count; n++) {
        yield named({
          type: "response.output_text.delta",
          sequence_number: n,
          item_id: "msg_0123456789abcdef0123456789abcdef",
          output_index: 0,
          content_index: 0,
          delta: word(n),
          logprobs: [],
          obfuscation: "k2fAbCdE",
        } as { type: string });
      }
      yield named({
        type: "response.completed",
        response: { status: "completed", output: [], usage: { input_tokens: 9, output_tokens: count } },
      } as { type: string });
    },
  },
  {
    name: "Anthropic Messages",
    model: card("anthropic/claude-sonnet-5"),
    *stream(count) {
      yield named({
        type: "message_start",
        message: { id: "msg_1", model: "claude-sonnet-5", usage: { input_tokens: 9 } },
      } as { type: string });
      yield named({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } } as {
        type: string;
      });
      for (let n = 0; n < count; n++) {
        yield named({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: word(n) } } as {
          type: string;
        });
      }
      yield named({ type: "content_block_stop", index: 0 } as { type: string });
      yield named({ type: "message_delta", delta: { stop_reason: "end_turn" }, usage: { output_tokens: count } } as {
        type: string;
      });
      yield named({ type: "message_stop" });
    },
  },
  {
    name: "Gemini",
    model: card("google/gemini-3.8-flash"),
    *stream(count) {
      for (let n = 0; n <= count; n++) {
        yield data({
          candidates: [
            {
              content: { parts: [{ text: word(n) }], role: "model" },
              index: 0,
              ...(n === count && { finishReason: "STOP" }),
            },
          ],
          usageMetadata: {
            promptTokenCount: 9,
            candidatesTokenCount: n,
            totalTokenCount: n + 9,
            promptTokensDetails: [{ modality: "TEXT", tokenCount: 9 }],
          },
          modelVersion: "gemini-3.8-flash",
          responseId: "aB3dEfGhIjKlMnOp",
        });
      }
    },
  },
];

/** The stream in pieces of the size a TCP segment has, so that events are split anywhere. */
function* segments(stream: Iterable<string>): Generator<Uint8Array> {
  let held = "";
  for (const event of stream) {
    held += event;
    while (held.length >= chunkBytes) {
      yield Buffer.from(held.slice(0, chunkBytes));
      held = held.slice(chunkBytes);
    }
  }
  yield Buffer.from(held);
}

async function* asBody(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

async function baseline(chunks: readonly Uint8Array[]): Promise<number> {
  let count = 0;
  const parser = createParser({
    onEvent: ({ data: text }) => {
      if (text !== "[DONE]" && typeof JSON.parse(text) === "object") count++;
    },
  });
  const decoder = new TextDecoder();
  for await (const chunk of asBody(chunks)) parser.feed(decoder.decode(chunk, { stream: true }));
  return count;
}

async function ours(adapter: Adapter, model: ModelCard, chunks: readonly Uint8Array[]): Promise<number> {
  const decoder = adapter.text?.decoder(model);
  if (!decoder) throw new Error("no text");
  const collector = new TextCollector();
  for await (const batch of readEventBatches(asBody(chunks))) {
    for (const event of batch) for (const one of decoder.push(event)) collector.push(one);
  }
  for (const one of decoder.end()) collector.push(one);
  const { finish_reason, text, usage } = collector.result();
  if (finish_reason !== "stop" || !text || !usage.outputTokens) throw new Error("the answer is not whole");
  return text.length;
}

/** Microseconds of CPU, all threads. */
async function cpu(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;
}

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** How much the heap grew over a long stream whose events are not kept. */
async function heapGrowth(adapter: Adapter, dialect: Dialect): Promise<number> {
  const decoder = adapter.text?.decoder(dialect.model);
  if (!decoder) throw new Error("no text");
  const heap: number[] = [];
  let count = 0;
  for await (const batch of readEventBatches(asBody(segments(dialect.stream(longStream))))) {
    for (const event of batch) {
      decoder.push(event);
      if (++count % 10_000 !== 0) continue;
      collectGarbage();
      heap.push(process.memoryUsage().heapUsed);
    }
  }
  return (heap.at(-1) ?? 0) - (heap[1] ?? 0);
}

console.log(`CPU for an event, median of ${rounds} rounds of ${events} events in segments of ${chunkBytes} bytes\n`);
console.log("dialect               parse alone      Switchyard   ratio   heap growth over 100,000 events");
let failed = false;
for (const dialect of dialects) {
  const adapter = await loadAdapter(dialect.model.provider);
  if (!adapter) throw new Error(`no adapter for ${dialect.model.provider}`);
  const chunks = [...segments(dialect.stream(events))];
  const alone: number[] = [];
  const whole: number[] = [];
  for (let round = -3; round < rounds; round++) {
    const a = await cpu(() => baseline(chunks));
    const b = await cpu(() => ours(adapter, dialect.model, chunks));
    if (round < 0) continue;
    alone.push(a);
    whole.push(b);
  }
  const ratio = median(whole.map((time, at) => time / (alone[at] ?? Number.NaN)));
  const growth = await heapGrowth(adapter, dialect);
  failed ||= ratio > ratioMax || growth > heapGrowthMaxBytes;
  const us = (times: readonly number[]) => `${(median(times) / events).toFixed(2)} µs`.padStart(13);
  console.log(
    `${dialect.name.padEnd(19)} ${us(alone)}   ${us(whole)}   ${ratio.toFixed(2)}×   ${(growth / 1024).toFixed(0)} KiB`,
  );
}
console.log(
  `\nbars: ratio at most ${ratioMax}×, heap growth at most ${heapGrowthMaxBytes / 1024} KiB: ${failed ? "missed" : "held"}`,
);
process.exitCode = failed ? 1 : 0;
