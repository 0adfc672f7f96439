import type { ModelCard } from "../core/model-card.ts";
import type { ProviderFailure, TextEvent } from "./shapes/event.ts";
import type { TextRequest } from "./shapes/text.ts";

/**
 * An adapter is pure translation: no retry, billing, logging, clock or socket. Every provider folder has the same
 * file names for the same jobs: `index.ts` (the adapter), `request.ts`, `stream.ts`, `usage.ts`, `finish-reason.ts`,
 * `error.ts`.
 */
export interface Adapter {
  readonly provider: string;
  /** Base URL without a trailing slash, used when the settings give none. */
  readonly defaultBaseUrl: string;
  /** Environment variables that may hold the key, in order of preference. */
  readonly keyVariables: readonly string[];
  readonly text?: TextAdapter;
  /** What a non-2xx answer means. `body` is text as received, cut at a bound; it may be anything, HTML too. */
  decodeError(status: number, headers: WireHeaders, body: string): ProviderFailure;
}

export interface TextAdapter {
  /** The HTTP request for a streamed answer. @throws unsupported naming the field that the model cannot honour. */
  request(request: TextRequest, model: ModelCard, credentials: Credentials): WireRequest;
  decoder(model: ModelCard): TextDecoder;
}

/** Turns one answer's server-sent events into canonical events. Made anew for each answer. */
export interface TextDecoder {
  push(event: ServerSentEvent): TextEvent[];
  /** The connection closed cleanly. Reports a `failure` when the answer was cut before its end. */
  end(): TextEvent[];
}

export interface Credentials {
  readonly apiKey: string;
  /** Without a trailing slash. */
  readonly baseUrl: string;
  /** Extra headers of the provider's own, such as an organisation. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

/** Lower-case names. */
export type WireHeaders = Readonly<Record<string, string | string[] | undefined>>;

export interface WireRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
}

export interface ServerSentEvent {
  readonly event?: string | undefined;
  readonly data: string;
}
