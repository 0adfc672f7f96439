import type { Caller, CallOptions } from "../core/caller.ts";
import type { Clock, Rng } from "../core/clock.ts";
import type { ForgetArgs, ListArgs, RecallArgs, RememberArgs } from "./arguments.ts";
import type { Embedder, Expander, Extractor, Reranker } from "./models.ts";
import type { MemoryResource, MemoryResourceContent } from "./resources.ts";
import type { ForgetResult, ImportResult, ListResult, RecallResult, RememberResult } from "./results.ts";

/** What an agent remembers, by workspace and profile. Every verb checks the caller's rights first. */
export interface Memory {
  /** Stores memories durably. The same memory again is a `duplicate`; a new one under a key supersedes the old. */
  remember(args: RememberArgs, caller: Caller, options?: CallOptions): Promise<RememberResult>;
  /** Finds memories that answer a query, best first. */
  recall(args: RecallArgs, caller: Caller, options?: CallOptions): Promise<RecallResult>;
  /** Retracts memories, keeping their history, or erases them to the last byte. */
  forget(args: ForgetArgs, caller: Caller, options?: CallOptions): Promise<ForgetResult>;
  /** Pages through memories, newest first. */
  list(args: ListArgs, caller: Caller, options?: CallOptions): Promise<ListResult>;
  /** A profile as lines of JSON, history included, a header first. @throws not_found when nobody wrote to it. */
  exportProfile(profile: string | undefined, caller: Caller, options?: CallOptions): AsyncIterable<string>;
  /**
   * Stores lines that `exportProfile` gave, or the MCP reference memory server's file. What is there already is left
   * alone, so an import can be repeated.
   */
  importProfile(
    profile: string | undefined,
    lines: AsyncIterable<string> | Iterable<string>,
    caller: Caller,
    options?: CallOptions,
  ): Promise<ImportResult>;
  /** The profiles a caller may read, as MCP resources. */
  resources(caller: Caller): Promise<MemoryResource[]>;
  /** A profile as a page, or one memory as JSON. @throws not_found, forbidden. */
  readResource(uri: string, caller: Caller, options?: CallOptions): Promise<MemoryResourceContent>;
  /** Resolves when no background work is left: vectors made, messages read for facts. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export interface MemoryOptions {
  /** Holds one directory for each workspace. */
  readonly directory: string;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Adds search by meaning. Memories get their vectors in the background. */
  readonly embedder?: Embedder | undefined;
  /** Says queries in other words, to find more. */
  readonly expander?: Expander | undefined;
  /** Puts the best answers of a recall in order. */
  readonly reranker?: Reranker | undefined;
  /** Reads facts out of messages in the background, for calls of `remember` with `extract`. */
  readonly extractor?: Extractor | undefined;
  /** Told of errors in work that no caller waits for. */
  readonly onBackgroundError?: ((error: unknown) => void) | undefined;
}
