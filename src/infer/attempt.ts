import { providerLimits } from "../core/limits.ts";
import type { ModelCard } from "../core/model-card.ts";
import type { Adapter, Credentials } from "../providers/adapter.ts";
import type { ProviderFailure, TextEvent } from "../providers/shapes/event.ts";
import type { TextRequest } from "../providers/shapes/text.ts";
import { readEvents, readText } from "../providers/wire/read.ts";
import type { Wire } from "../providers/wire/wire.ts";
import { WireError } from "../providers/wire/wire-error.ts";
import { AttemptFailure } from "./failure.ts";
import { isContent } from "./generation.ts";

/** One model that can be asked: its card, its adapter, and the credentials to ask with. */
export interface Candidate {
  readonly card: ModelCard;
  readonly adapter: Adapter;
  readonly credentials: Credentials;
}

/**
 * Asks one model once and yields the events of its answer as they come.
 * @throws AttemptFailure when the provider fails, before or in the stream; `unsupported` when the model cannot
 * honour the request; the signal's reason when it aborts.
 */
export async function* attempt(
  candidate: Candidate,
  request: TextRequest,
  wire: Wire,
  signal: AbortSignal,
): AsyncGenerator<TextEvent> {
  const { adapter, card, credentials } = candidate;
  if (!adapter.text) throw new Error(`${adapter.provider} has no text adapter`);
  const wireRequest = adapter.text.request(request, card, credentials);
  let delivered = false;
  const fail = (failure: ProviderFailure) => new AttemptFailure(failure, delivered);
  try {
    const response = await wire.send(wireRequest, { signal });
    if (response.status < 200 || response.status > 299) {
      const body = await readText(response.body, providerLimits.errorBodyBytesMax);
      throw fail(adapter.decodeError(response.status, response.headers, body));
    }
    const decoder = adapter.text.decoder(card);
    const pass = (event: TextEvent): TextEvent => {
      if (event.type === "failure") throw fail(event.failure);
      delivered ||= isContent(event);
      return event;
    };
    for await (const message of readEvents(response.body)) {
      for (const event of decoder.push(message)) yield pass(event);
    }
    for (const event of decoder.end()) yield pass(event);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof WireError) throw fail(error.failure);
    throw error;
  }
}
