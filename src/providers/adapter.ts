import type { ModelCard } from "../core/model-card.ts";
import type { ClassificationRequest, ClassificationResult } from "./shapes/classification.ts";
import type { EmbeddingRequest, EmbeddingResult } from "./shapes/embedding.ts";
import type { ProviderFailure, TextEvent } from "./shapes/event.ts";
import type { ImageRequest, ImageResult } from "./shapes/image.ts";
import type { ModelListing } from "./shapes/listed-model.ts";
import type { MediaPart } from "./shapes/message.ts";
import type { ModerationRequest, ModerationResult } from "./shapes/moderation.ts";
import type { MusicRequest, MusicResult } from "./shapes/music.ts";
import type { RerankRequest, RerankResult } from "./shapes/rerank.ts";
import type { SpeechRequest, SpeechResult } from "./shapes/speech.ts";
import type { TextRequest } from "./shapes/text.ts";
import type { TranscriptionRequest, TranscriptionResult } from "./shapes/transcription.ts";
import type { VideoRequest, VideoResult } from "./shapes/video.ts";
import type { Credentials, ServerSentEvent, WireHeaders, WireRequest } from "./shapes/wire.ts";
import type { TaskFor, UnaryAdapter } from "./task-adapter.ts";
import type { UnsupportedField } from "./unsupported.ts";

export type { Credentials, ServerSentEvent, WireHeaders, WireRequest };

/**
 * An adapter is pure translation: no retry, billing, logging, clock or socket. Every provider folder has the same
 * file names for the same jobs: `index.ts` (the adapter), `rules.ts` (what its models take), `request.ts`,
 * `stream.ts`, `usage.ts`, `finish-reason.ts`, `error.ts`, and one file for each other task: `embedding.ts`,
 * `image.ts`, `video.ts`, `speech.ts`, `transcription.ts`, `music.ts`, `moderation.ts`, `rerank.ts`. What a dialect
 * shares is in `dialects/`, under the same names.
 */
export interface Adapter {
  readonly provider: string;
  /** Base URL without a trailing slash, used when the settings give none. */
  readonly defaultBaseUrl: string;
  /** Environment variables that may hold the key, in order of preference. */
  readonly keyVariables: readonly string[];
  readonly text?: TextAdapter;
  readonly embedding?: UnaryAdapter<EmbeddingRequest, EmbeddingResult>;
  readonly moderation?: UnaryAdapter<ModerationRequest, ModerationResult>;
  readonly rerank?: UnaryAdapter<RerankRequest, RerankResult>;
  readonly classification?: UnaryAdapter<ClassificationRequest, ClassificationResult>;
  readonly image?: TaskFor<ImageRequest, ImageResult>;
  readonly video?: TaskFor<VideoRequest, VideoResult>;
  readonly speech?: TaskFor<SpeechRequest, SpeechResult>;
  readonly transcription?: TaskFor<TranscriptionRequest, TranscriptionResult>;
  readonly music?: TaskFor<MusicRequest, MusicResult>;
  /** Models in the catalog that it cannot call, by native id, and why not. */
  readonly uncallable?: Readonly<Record<string, string>>;
  /** How to ask the provider for its models, where it lists them in a way worth reading. */
  readonly models?: ModelListing;
  /** What a non-2xx answer means. `body` is text as received, cut at a bound; it may be anything, HTML too. */
  decodeError(status: number, headers: WireHeaders, body: string): ProviderFailure;
  /** How to fetch a result whose source says `needsKey`. */
  download?(url: string, credentials: Credentials): WireRequest;
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
