import type { ModelCard } from "../core/model-card.ts";
import type { ProviderFailure, TextEvent } from "./shapes/event.ts";
import type { MediaPart } from "./shapes/message.ts";
import type { TextRequest } from "./shapes/text.ts";
import type { UnsupportedField } from "./unsupported.ts";

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
  /**
   * What the model cannot honour of a request, empty when all is well. `request` refuses the same; this is for a
   * caller who would rather have droppable fields left out.
   */
  check?(request: TextRequest, model: ModelCard): UnsupportedField[];
  /** The HTTP request for a streamed answer. @throws unsupported naming the field that the model cannot honour. */
  request(request: TextRequest, model: ModelCard, credentials: Credentials): WireRequest;
  /** Hand in the request that is being answered: tool names that had to be changed for the wire are changed back. */
  decoder(model: ModelCard, request?: TextRequest): TextDecoder;
  /** Whether the provider fetches this URL part by itself. Where it does not, the bytes have to be in `data`. */
  fetchesUrl?(part: MediaPart, model: ModelCard): boolean;
}

/** Turns one answer's server-sent events into canonical events. Made anew for each answer. */
export interface TextDecoder {
  push(event: ServerSentEvent): TextEvent[];
  /**
   * A 2xx answer that is not a stream, whole: a provider's error under status 200, or an answer it did not stream.
   * Called in place of `push`, before `end`.
   */
  pushWhole?(body: string): TextEvent[];
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
