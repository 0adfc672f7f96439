import type { ModelCard } from "../core/model-card.ts";
import type { Adapter, Credentials } from "../providers/adapter.ts";
import { readTextEvents } from "../providers/answer.ts";
import type { TextEvent } from "../providers/shapes/event.ts";
import type { TextRequest } from "../providers/shapes/text.ts";
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
 * Asks one model once and yields the events of its answer as they come, those of one chunk together.
 * @throws AttemptFailure when the provider fails, before or in the stream; `unsupported` when the model cannot
 * honour the request; the signal's reason when it aborts.
 */
export async function* attempt(
  { adapter, card, credentials }: Candidate,
  request: TextRequest,
  wire: Wire,
  signal: AbortSignal,
): AsyncGenerator<TextEvent[]> {
  if (!adapter.text) throw new Error(`${adapter.provider} has no text adapter`);
  const wireRequest = adapter.text.request(request, card, credentials);
  let delivered = false;
  try {
    const response = await wire.send(wireRequest, { signal });
    for await (const events of readTextEvents(adapter, adapter.text.decoder(card, request), response)) {
      const last = events.at(-1);
      const good = last?.type === "failure" ? events.slice(0, -1) : events;
      delivered ||= good.some(isContent);
      if (good.length > 0) yield good;
      if (last?.type === "failure") throw new AttemptFailure(last.failure, delivered);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof WireError) throw new AttemptFailure(error.failure, delivered);
    throw error;
  }
}
