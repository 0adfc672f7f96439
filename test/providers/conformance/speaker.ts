import type { FinishReason, ProviderFailure } from "../../../src/providers/shapes/event.ts";

/** An HTTP answer as a provider would write it. */
export interface Spoken {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface SpokenCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** What the model is to say, before a provider's wire shapes it. */
export interface Said {
  readonly thought?: string;
  readonly text?: string;
  readonly calls?: readonly SpokenCall[];
  readonly finish?: Exclude<FinishReason, "tool_calls">;
}

/** The errors every provider has a way to say. */
export type SpokenError = Extract<
  ProviderFailure["kind"],
  "rate_limited" | "quota_exhausted" | "unauthenticated" | "bad_request" | "not_found" | "overloaded" | "server_error"
>;

export type Body = Readonly<Record<string, unknown>>;

/**
 * A provider's side of its wire protocol, for tests: writes answers in its shapes and reads from a request what it
 * would have understood. Token counts in every answer are those of `spokenUsage`.
 */
export interface Speaker {
  /** The path a request has to arrive at, below the base URL. */
  readonly path: string;
  answer(said: Said): Spoken;
  /** The answer's stream after `events` of its events, the connection then being cut. */
  cut(said: Said): string;
  error(kind: SpokenError): Spoken;
  /** An error after some text, under status 200. */
  failing(): Spoken;
  systemIn(body: Body): unknown;
  toolNamesIn(body: Body): unknown;
  /** URLs or data URLs of the images in the first user message. */
  imagesIn(body: Body): unknown;
  schemaIn(body: Body): unknown;
  /** The result of the tool call in the last message: the call's id (or name, where there is none) and the text. */
  toolResultIn(body: Body): unknown;
  /** What came back of the assistant turn that `answer` made: its reasoning in the provider's own form, or undefined. */
  reasoningIn(body: Body): unknown;
  maxTokensIn(body: Body): unknown;
}

/** The totals of every answer a speaker writes, in our units. */
export const spokenUsage = { inputTokens: 120, cachedInputTokens: 64, outputTokens: 30, reasoningTokens: 10 };

export const eventStream = { "content-type": "text/event-stream; charset=utf-8" };
export const json = { "content-type": "application/json" };

export function list(value: unknown): Body[] {
  return Array.isArray(value) ? (value as Body[]) : [];
}

export function object(value: unknown): Body {
  return typeof value === "object" && value !== null ? (value as Body) : {};
}
