import { createParser } from "eventsource-parser";
import { providerLimits } from "../../core/limits.ts";
import type { ServerSentEvent } from "../adapter.ts";
import { failure } from "../failure.ts";
import { parseJson } from "../narrow.ts";
import { WireError } from "./wire-error.ts";

type Body = AsyncIterable<Uint8Array>;

/** The first `maxBytes` of a body as text; what is beyond is given up and its connection closed. */
export async function readText(body: Body, maxBytes: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let left = maxBytes;
  for await (const chunk of body) {
    text += decoder.decode(chunk.subarray(0, left), { stream: true });
    left -= chunk.byteLength;
    if (left <= 0) break;
  }
  return text + decoder.decode();
}

/**
 * A whole body.
 * @throws WireError `malformed` when it is larger than `maxBytes`.
 */
export async function readBytes(body: Body, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes)
      throw new WireError(failure("malformed", `the answer is larger than ${maxBytes} bytes`), true);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, bytes);
}

/**
 * Server-sent events as they come, those of one chunk together: cheaper than one at a time where thousands come.
 * @throws WireError `malformed` when one event is larger than the bound.
 */
export async function* readEventBatches(
  body: Body,
  eventCharactersMax: number = providerLimits.sseEventBytesMax,
): AsyncGenerator<ServerSentEvent[], void, undefined> {
  let batch: ServerSentEvent[] = [];
  let overflown = false;
  const parser = createParser({
    maxBufferSize: eventCharactersMax,
    onEvent: (event) => {
      batch.push(event);
    },
    onError: (error) => {
      // The parser also reports unknown fields, which the standard says to ignore.
      if (error.type === "max-buffer-size-exceeded") overflown = true;
    },
  });
  const decoder = new TextDecoder();
  const feed = (text: string): ServerSentEvent[] => {
    parser.feed(text);
    if (overflown)
      throw new WireError(failure("malformed", `one event is larger than ${eventCharactersMax} characters`), true);
    const complete = batch;
    batch = [];
    return complete;
  };
  for await (const chunk of body) {
    const complete = feed(decoder.decode(chunk, { stream: true }));
    if (complete.length > 0) yield complete;
  }
  // Some servers leave out the blank line after their last event. An event that was cut is left out instead.
  const last = feed(`${decoder.decode()}\n\n`).filter(({ data }) => data === "[DONE]" || parseJson(data) !== undefined);
  if (last.length > 0) yield last;
}

/** Server-sent events one by one, correct wherever the chunks were split. */
export async function* readEvents(
  body: Body,
  eventCharactersMax?: number,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  for await (const batch of readEventBatches(body, eventCharactersMax)) yield* batch;
}
