import { providerLimits } from "../../core/limits.ts";
import { readTextEvents } from "../../providers/answer.ts";
import { failure } from "../../providers/failure.ts";
import type { TextEvent } from "../../providers/shapes/event.ts";
import { traced } from "../../providers/wire/traced.ts";
import type { Wire } from "../../providers/wire/wire.ts";
import { WireError } from "../../providers/wire/wire-error.ts";
import type { Answer } from "../answer.ts";
import { isContent } from "../generation.ts";
import { AttemptFailure, withoutKey } from "./failure.ts";
import type { Attempt } from "./try-offers.ts";
import { type Drains, Upstream } from "./upstream.ts";

export interface AskOptions {
  readonly wire: Wire;
  readonly drains: Drains;
  /** Aborts when the caller has gone or the call's time is over. */
  readonly signal: AbortSignal;
  /** Takes the answer's events, those of one chunk together. Nothing is handed over before the first content. */
  readonly deliver: (events: readonly TextEvent[]) => void;
  readonly nowMs: () => number;
  readonly traceparent: string | undefined;
}

/**
 * Asks one model once, with one key, and takes its answer in. What comes before the first content is held back: a
 * provider that answers 200 and fails then has delivered nothing, and another may be asked.
 * @throws AttemptFailure when the provider fails, before or in the stream; `unsupported` when the model cannot honour
 * the request; the signal's reason when it aborts.
 */
export async function askText(attempt: Attempt, answer: Answer, options: AskOptions): Promise<void> {
  const { offer, key, firstByteMs } = attempt;
  const { adapter, card, timeouts, onCancel } = offer.candidate;
  if (!adapter.text) throw new Error(`${adapter.provider} has no text adapter`);
  const wireRequest = traced(adapter.text.request(offer.request, card, key.credentials), options.traceparent);
  const startedAtMs = options.nowMs();
  const ownFirstByteMs = timeouts.firstByteMs ?? providerLimits.firstByteTimeoutMs;
  const upstream = new Upstream(options.signal, options.drains, onCancel);
  // A share of the call's time that is shorter than what the provider may take says nothing against the provider.
  upstream.limit(Math.min(ownFirstByteMs, firstByteMs), firstByteMs >= ownFirstByteMs, "did not begin to answer");
  let held: TextEvent[] = [];
  answer.mayBeCharged = true;
  try {
    const response = await options.wire.send(wireRequest, {
      signal: upstream.signal,
      connectTimeoutMs: timeouts.connectMs,
      firstByteTimeoutMs: ownFirstByteMs,
      betweenChunksTimeoutMs: timeouts.betweenChunksMs,
    });
    answer.mayBeCharged = response.status >= 200 && response.status <= 299;
    upstream.limit(timeouts.totalMs && timeouts.totalMs - (options.nowMs() - startedAtMs), true, "took too long");
    for await (const events of readTextEvents(adapter, adapter.text.decoder(card, offer.request), response)) {
      const last = events.at(-1);
      const good = last?.type === "failure" ? events.slice(0, -1) : events;
      if (upstream.isDraining) answer.takeUsage(good);
      else if (answer.hasContent) deliver(good);
      else {
        held = [...held, ...good];
        if (good.some(isContent)) {
          answer.firstContentMs = options.nowMs() - startedAtMs;
          deliver(held);
          held = [];
        }
      }
      if (last?.type === "failure" && !upstream.isDraining) {
        throw new AttemptFailure(withoutKey(last.failure, key.credentials), { delivered: answer.hasContent });
      }
    }
    if (upstream.isDraining) upstream.throwIfCancelled();
  } catch (error) {
    // What it cost is to be known although nothing of it is delivered.
    answer.takeUsage(held);
    upstream.throwIfCancelled();
    const ours = upstream.limitReached;
    if (ours) throw new AttemptFailure(failure("timeout", ours.message), { ...ours, delivered: answer.hasContent });
    if (!(error instanceof WireError)) throw error;
    if (!error.sentBytes) answer.mayBeCharged = false;
    throw new AttemptFailure(withoutKey(error.failure, key.credentials), { delivered: answer.hasContent });
  } finally {
    upstream.close();
  }

  function deliver(events: readonly TextEvent[]): void {
    answer.take(events);
    options.deliver(events);
  }
}
