import type { Caller } from "../core/caller.ts";
import type { MemoryKind } from "./arguments.ts";

/**
 * Turns text into vectors, for the channel that finds by meaning. Injected; memory knows no provider. Every call is
 * on a caller's behalf, who pays for it.
 */
export interface Embedder {
  /** Vectors of different models are never compared; a change re-embeds in the background. */
  readonly model: string;
  readonly dimensions: number;
  embed(
    texts: readonly string[],
    purpose: "document" | "query",
    caller: Caller,
    signal: AbortSignal,
  ): Promise<Float32Array[]>;
}

/** Scores documents against a query, larger is better, one score for each document in order. */
export type Reranker = (
  query: string,
  documents: readonly string[],
  caller: Caller,
  signal: AbortSignal,
) => Promise<readonly number[]>;

/** Says a query in other words: each answer is a query or a list of words. */
export type Expander = (query: string, caller: Caller, signal: AbortSignal) => Promise<readonly string[]>;

/** A message as an extractor reads it. */
export interface ExtractedMessage {
  readonly id: string;
  readonly speaker: string | null;
  readonly content: string;
  /** ISO 8601, when it is known. */
  readonly at: string | null;
}

/** A fact that a model read out of a message. Checked before it is kept. */
export interface Proposal {
  /** Id of the message that says so. */
  readonly message: string;
  readonly content: string;
  readonly kind?: MemoryKind | undefined;
  readonly key?: string | undefined;
}

/** Reads facts worth keeping out of messages of one session, in order. */
export type Extractor = (
  request: {
    readonly model: string;
    readonly messages: readonly ExtractedMessage[];
    /** Keys in use, so that a fact that changed is proposed under the key it has. */
    readonly keys: readonly string[];
  },
  caller: Caller,
  signal: AbortSignal,
) => Promise<{ readonly proposals: readonly Proposal[]; readonly generation: string | null }>;
