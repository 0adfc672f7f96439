import type { IncomingHttpHeaders } from "node:http";
import type { Clock } from "../core/clock.ts";
import type { FailureHint, FailureKind } from "./faults/fault.ts";
import type { Files } from "./media/files.ts";
import type { JobPaces } from "./media/jobs.ts";
import type { IdSource } from "./wire/ids.ts";
import type { Reply } from "./wire/reply.ts";

/** The providers with models that answer text. */
export const textProviderNames = [
  "openai",
  "anthropic",
  "google",
  "groq",
  "xai",
  "alibaba",
  "bytedance",
  "minimax",
  "workers-ai",
] as const;

/** The providers there is a simulator for. */
export const providerNames = [
  ...textProviderNames,
  "assemblyai",
  "inworld",
  "pixverse",
  "recraft",
  "runway",
  "vidu",
] as const;

export type ProviderName = (typeof providerNames)[number];

/** Where an answer's usage is put: as the provider does, or wrong in a way that clients have met. */
export type UsagePlacement = "as_documented" | "twice" | "early";

/** One HTTP request as a provider's routes see it: read to the end, addressed below the provider's base path. */
export interface ProviderRequest {
  readonly method: string;
  /** Below the base path, without the query: `/chat/completions`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The body as JSON, or `undefined` when it is not JSON. Parsed once. */
  readonly json: () => unknown;
  /** Counts the requests of this simulator, from 1. */
  readonly sequence: number;
  /** The id the provider gives the request, in a header and in some bodies. */
  readonly requestId: string;
  readonly usagePlacement: UsagePlacement;
}

/** What a route captured from the path, in order. */
export type PathParameters = readonly string[];

export interface Route {
  readonly method: "GET" | "POST" | "DELETE";
  /** A whole path, or a pattern over the whole path whose groups are handed to the handler. */
  readonly path: string | RegExp;
  readonly handle: (request: ProviderRequest, parameters: PathParameters) => Reply;
  /** Whether no key is wanted. */
  readonly isOpen?: boolean;
}

/** One provider's wire: its routes, its way to check a key, its error bodies. */
export interface ProviderWire {
  readonly name: ProviderName;
  /** Appended to the simulator's URL this is what a client's base URL is set to: `/openai/v1`. */
  readonly clientPath: string;
  /** What every route's path is below. Differs from `clientPath` where clients add a version themselves. */
  readonly routePath: string;
  readonly routes: readonly Route[];
  /** The key a request carries, or null. */
  readonly keyOf: (request: ProviderRequest) => string | null;
  /** The model a request names, for fault rules and the book. */
  readonly modelOf: (request: ProviderRequest) => string | null;
  /** Headers every answer carries. */
  readonly headers: (request: ProviderRequest) => Record<string, string>;
  readonly unauthenticated: (key: string | null, request: ProviderRequest) => Reply;
  /** The answer to a path or method that is not there. */
  readonly notFound: (request: ProviderRequest) => Reply;
  readonly tooLarge: (request: ProviderRequest) => Reply;
  /** A failure of the provider's own, as it would word it. */
  readonly failure: (kind: FailureKind, hint: FailureHint) => Reply;
  /** The bytes of a failure inside a stream that began with 200. */
  readonly errorEvent: (kind: FailureKind, request: ProviderRequest) => string;
}

/** What a simulator hands to each provider's wire. */
export interface WireContext {
  readonly clock: Clock;
  readonly ids: IdSource;
  /** Where what was made is put, for links to it. */
  readonly files: Files;
  readonly paces: JobPaces;
  /** The simulator's own URL, for links it hands out. */
  readonly origin: () => string;
}
