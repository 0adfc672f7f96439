import { providerLimits } from "../../core/limits.ts";
import type { Adapter, Credentials, WireRequest } from "../../providers/adapter.ts";
import { readFailure } from "../../providers/answer.ts";
import type { WireAnswer } from "../../providers/shapes/wire.ts";
import { readBytes } from "../../providers/wire/read.ts";
import { traced } from "../../providers/wire/traced.ts";
import type { Wire } from "../../providers/wire/wire.ts";
import { WireError } from "../../providers/wire/wire-error.ts";
import { AttemptFailure, withoutKey } from "../attempts/failure.ts";
import type { MayBeCharged } from "./may-be-charged.ts";

export interface ExchangeOptions {
  readonly adapter: Adapter;
  readonly credentials: Credentials;
  readonly wire: Wire;
  readonly signal: AbortSignal;
  /** A second request would make a second thing to pay for: once the first may have arrived, it is not sent. */
  readonly isOnceOnly: boolean;
  /** Counts it, if it is one that is paid for. */
  readonly mayBeCharged?: MayBeCharged | undefined;
  readonly traceparent?: string | undefined;
}

/** One request and its whole answer. @throws AttemptFailure when the provider refuses, fails, or does not answer. */
export async function exchange(
  request: WireRequest,
  { adapter, credentials, wire, signal, isOnceOnly, mayBeCharged, traceparent }: ExchangeOptions,
): Promise<WireAnswer> {
  mayBeCharged?.sent();
  try {
    const response = await wire.send(traced(request, traceparent), { signal });
    if (response.status < 200 || response.status > 299) {
      mayBeCharged?.cleared();
      throw new AttemptFailure(withoutKey(await readFailure(adapter, response), credentials), { delivered: false });
    }
    const { status, headers } = response;
    return { status, headers, body: await readBytes(response.body, providerLimits.responseBodyBytesMax) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof WireError)) throw error;
    if (!error.sentBytes) mayBeCharged?.cleared();
    throw new AttemptFailure(withoutKey(error.failure, credentials), { delivered: isOnceOnly && error.sentBytes });
  }
}
