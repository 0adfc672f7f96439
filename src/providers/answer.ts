import { providerLimits } from "../core/limits.ts";
import type { Adapter, TextDecoder } from "./adapter.ts";
import { failure, header } from "./failure.ts";
import type { ProviderFailure, TextEvent } from "./shapes/event.ts";
import type { WireResponse } from "./wire/exchange.ts";
import { readEventBatches, readText } from "./wire/read.ts";
import { WireError } from "./wire/wire-error.ts";

/** What a non-2xx answer means. Reads the body up to its bound and closes it. */
export async function readFailure(adapter: Adapter, response: WireResponse): Promise<ProviderFailure> {
  const body = await readText(response.body, providerLimits.errorBodyBytesMax).catch((error: unknown) => {
    if (error instanceof WireError) return "";
    throw error;
  });
  return adapter.decodeError(response.status, response.headers, body);
}

/**
 * Reads one answer through its decoder: canonical events, those of one chunk together. The last is always `finish` or
 * `failure`; nothing that a provider or its connection does is thrown, only the abort signal's reason.
 */
export async function* readTextEvents(
  adapter: Adapter,
  decoder: TextDecoder,
  response: WireResponse,
): AsyncGenerator<TextEvent[], void, undefined> {
  if (response.status < 200 || response.status > 299) {
    yield [{ type: "failure", failure: await readFailure(adapter, response) }];
    return;
  }
  try {
    if (isStream(response) || !decoder.pushWhole) {
      for await (const batch of readEventBatches(response.body)) {
        const events =
          batch.length === 1 && batch[0] ? decoder.push(batch[0]) : batch.flatMap((one) => decoder.push(one));
        if (events.length === 0) continue;
        const last = isLast(events.at(-1));
        if (last) void response.dump();
        yield events;
        if (last) return;
      }
    } else {
      const events = decoder.pushWhole(await readText(response.body, providerLimits.responseBodyBytesMax));
      if (events.length > 0) yield events;
      if (isLast(events.at(-1))) return;
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    yield [{ type: "failure", failure: error.failure }];
    return;
  }
  const end = decoder.end();
  yield isLast(end.at(-1)) ? end : [...end, { type: "failure", failure: failure("network", "the answer ended early") }];
}

function isStream(response: WireResponse): boolean {
  return (header(response.headers, "content-type") ?? "text/event-stream").includes("text/event-stream");
}

function isLast(event: TextEvent | undefined): boolean {
  return event?.type === "finish" || event?.type === "failure";
}
