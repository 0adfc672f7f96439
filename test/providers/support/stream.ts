import type { ModelCard } from "../../../src/core/model-card.ts";
import type { Adapter, ServerSentEvent, WireRequest } from "../../../src/providers/adapter.ts";
import { type CollectedText, collectText } from "../../../src/providers/collect.ts";
import type { TextEvent } from "../../../src/providers/shapes/event.ts";
import type { TextRequest } from "../../../src/providers/shapes/text.ts";
import { readEvents } from "../../../src/providers/wire/read.ts";
import { credentials } from "./model.ts";

/** Data-only events, as OpenAI Chat and Gemini send them. */
export function data(...values: readonly unknown[]): string {
  return values.map((value) => `data: ${typeof value === "string" ? value : JSON.stringify(value)}\n\n`).join("");
}

/** Named events, as Anthropic and Responses send them. */
export function named(...values: readonly { readonly type: string; readonly [key: string]: unknown }[]): string {
  return values.map((value) => `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`).join("");
}

export async function* bytes(text: string, ...cuts: readonly number[]): AsyncGenerator<Uint8Array> {
  const whole = Buffer.from(text);
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    yield whole.subarray(from, cut);
    from = cut;
  }
  yield whole.subarray(from);
}

export async function events(body: AsyncIterable<Uint8Array>): Promise<ServerSentEvent[]> {
  const found: ServerSentEvent[] = [];
  for await (const event of readEvents(body)) found.push(event);
  return found;
}

/** Runs a stream through an adapter's decoder, up to the connection's close. */
export async function decode(
  adapter: Adapter,
  model: ModelCard,
  stream: string | AsyncIterable<Uint8Array>,
  request?: TextRequest,
): Promise<TextEvent[]> {
  if (!adapter.text) throw new Error("no text");
  const decoder = adapter.text.decoder(model, request);
  const found: TextEvent[] = [];
  for await (const event of readEvents(typeof stream === "string" ? bytes(stream) : stream)) {
    found.push(...decoder.push(event));
  }
  return [...found, ...decoder.end()];
}

export async function collect(
  adapter: Adapter,
  model: ModelCard,
  stream: string | AsyncIterable<Uint8Array>,
  request?: TextRequest,
): Promise<CollectedText> {
  return collectText(await decode(adapter, model, stream, request), { responseSchema: request?.response_schema });
}

/** The body that an adapter would send. */
export function bodyOf(adapter: Adapter, model: ModelCard, request: TextRequest): Record<string, unknown> {
  return JSON.parse(String(wireRequest(adapter, model, request).body)) as Record<string, unknown>;
}

export function wireRequest(adapter: Adapter, model: ModelCard, request: TextRequest): WireRequest {
  if (!adapter.text) throw new Error("no text");
  return adapter.text.request(request, model, credentials);
}
