import type { Caller } from "../../core/caller.ts";
import { deadline, throwIfAborted } from "../../core/deadline.ts";
import { toErrorFacts } from "../../core/errors.ts";
import { memoryLimits } from "../../core/limits.ts";
import type { Embedder, Expander, Reranker } from "../models.ts";
import type { RecalledMemory } from "../results.ts";

/** The models that recall may ask, each only when it is configured. */
export interface RecallModels {
  readonly embedder?: Embedder | undefined;
  readonly expander?: Expander | undefined;
  readonly reranker?: Reranker | undefined;
}

/** What models said of a query. What they could not say is in the warnings, and recall goes on without it. */
export interface Consulted {
  readonly vector: Float32Array | undefined;
  /** The query in other words. */
  readonly expansions: readonly string[];
  readonly warnings: readonly string[];
}

/** Asks models on behalf of recall, each within `recallModelMs`. Query vectors are kept for the next time. */
export class Consultant {
  readonly models: RecallModels;
  /** Least recently asked first. */
  readonly #vectors = new Map<string, Float32Array>();

  constructor(models: RecallModels) {
    this.models = models;
  }

  async about(query: string, caller: Caller, signal: AbortSignal | undefined): Promise<Consulted> {
    const warnings: string[] = [];
    const { expander } = this.models;
    const [vector, expansions] = await Promise.all([
      within(signal, warnings, "the embedding model", (inTime) => this.#vector(query, caller, inTime)),
      within(signal, warnings, "query expansion", async (inTime) => expander?.(query, caller, inTime)),
    ]);
    const texts = (expansions ?? []).slice(0, memoryLimits.expansionsMax);
    return {
      vector,
      expansions: texts.map((text) => text.slice(0, memoryLimits.queryCharactersMax)),
      warnings,
    };
  }

  /** Puts the best answers in the reranker's order; the others keep theirs behind them. */
  async rerank(
    query: string,
    memories: readonly RecalledMemory[],
    caller: Caller,
    signal: AbortSignal | undefined,
    warnings: string[],
  ): Promise<RecalledMemory[]> {
    const { reranker } = this.models;
    const first = memories.slice(0, memoryLimits.rerankMax);
    if (reranker === undefined || first.length < 2) return [...memories];
    const documents = first.map((memory) => memory.content);
    const scores = await within(signal, warnings, "the reranker", async (inTime) => {
      const answer = await reranker(query, documents, caller, inTime);
      if (answer.length !== first.length || answer.some(Number.isNaN)) throw new Error("other scores than asked");
      return answer;
    });
    const finite = scores?.filter(Number.isFinite) ?? [];
    if (scores === undefined || finite.length === 0) return [...memories];
    const low = Math.min(...finite);
    const span = Math.max(...finite) - low || 1;
    // The tail stays below what was reranked: its scores were lower before.
    const floor = memories[first.length]?.score ?? 0;
    const reranked = first.map((memory, index) => {
      // A document that the model left out comes last.
      const share = (Math.max(scores[index] ?? low, low) - low) / span;
      return { ...memory, score: Math.round((floor + (1 - floor) * share) * 10_000) / 10_000 };
    });
    reranked.sort((a, b) => b.score - a.score);
    return [...reranked, ...memories.slice(first.length)];
  }

  async #vector(query: string, caller: Caller, signal: AbortSignal): Promise<Float32Array | undefined> {
    const { embedder } = this.models;
    if (embedder === undefined) return undefined;
    const known = this.#vectors.get(query);
    if (known !== undefined) {
      this.#vectors.delete(query);
      this.#vectors.set(query, known);
      return known;
    }
    const [vector] = await embedder.embed([query], "query", caller, signal);
    if (vector?.length !== embedder.dimensions) throw new Error("a vector of another size");
    const oldest = this.#vectors.keys().next();
    if (this.#vectors.size >= memoryLimits.cachedQueriesMax && !oldest.done) this.#vectors.delete(oldest.value);
    this.#vectors.set(query, vector);
    return vector;
  }
}

/** A model that fails or is slow costs recall quality, not the answer. Only the caller's own cancellation is thrown. */
async function within<T>(
  signal: AbortSignal | undefined,
  warnings: string[],
  what: string,
  ask: (signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  const limit = deadline(memoryLimits.recallModelMs, signal);
  const late = new Promise<never>((_, reject) => {
    limit.signal.addEventListener("abort", () => reject(limit.signal.reason), { once: true });
  });
  try {
    return await Promise.race([ask(limit.signal), late]);
  } catch (error) {
    throwIfAborted(signal);
    warnings.push(`answered without ${what}: ${toErrorFacts(error).code}`);
    return undefined;
  } finally {
    limit[Symbol.dispose]();
  }
}
