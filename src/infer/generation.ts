import { inferLimits } from "../core/limits.ts";
import type { TextEvent } from "../providers/shapes/event.ts";
import type { AttemptRecord, InferResult } from "./result.ts";

/** What a caller who streams gets, in order. `seq` counts from 0 and is what `from` means. */
export interface GenerationEvent {
  readonly seq: number;
  readonly event:
    | TextEvent
    /** A model is being asked; for JSON, where `json` says so. */
    | { readonly type: "asked"; readonly model: string; readonly json?: true }
    /** A provider works on it. `progress` from 0 to 1, where the provider says. */
    | { readonly type: "job"; readonly model: string; readonly progress?: number | undefined }
    /** An attempt has ended. */
    | ({ readonly type: "attempt" } & AttemptRecord);
}

/**
 * One call to `infer`, from the moment it has an id until its result is known. It outlives its caller: readers come
 * and go, each with a place of its own in the same list of events.
 */
export class Generation {
  readonly id: string;
  readonly startedAtMs: number;
  readonly #events: GenerationEvent[] = [];
  readonly #abort = new AbortController();
  #result: InferResult | undefined;
  #changed = Promise.withResolvers<void>();
  readonly #done = Promise.withResolvers<InferResult>();

  readonly #keep: ((events: readonly GenerationEvent[]) => void) | undefined;
  /** Events of a runner before this one, which are on disk and not here. */
  readonly #before: number;
  /** Resolves once what is known elsewhere is known here. */
  caughtUp: Promise<void> = Promise.resolve();

  /** `keep` is told of every event as it is appended. */
  constructor(id: string, startedAtMs: number, keep?: (events: readonly GenerationEvent[]) => void, before = 0) {
    this.id = id;
    this.startedAtMs = startedAtMs;
    this.#keep = keep;
    this.#before = before;
  }

  /** Aborts when the generation is cancelled. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** The result once it is known. A failure is a result with `error`, not a rejection. */
  get done(): Promise<InferResult> {
    return this.#done.promise;
  }

  get result(): InferResult | undefined {
    return this.#result;
  }

  get events(): readonly GenerationEvent[] {
    return this.#events;
  }

  cancel(reason?: unknown): void {
    this.#abort.abort(reason);
  }

  append(...events: readonly GenerationEvent["event"][]): void {
    const from = this.#events.length;
    for (const event of events) this.#events.push({ seq: this.#before + this.#events.length, event });
    this.#keep?.(this.#events.slice(from));
    this.#wake();
  }

  finish(result: InferResult): void {
    this.#result = result;
    this.#done.resolve(result);
    this.#wake();
  }

  /** Events from `from` on, waiting for those to come, until the generation is finished. Stops when the signal aborts. */
  async *read(from = 0, signal?: AbortSignal): AsyncGenerator<GenerationEvent> {
    for await (const events of this.readBatches(from, signal)) {
      for (const event of events) {
        if (signal?.aborted) return;
        yield event;
      }
    }
  }

  /** The same, those together that are there: cheaper where nothing is waited for between them. */
  async *readBatches(from = 0, signal?: AbortSignal): AsyncGenerator<readonly GenerationEvent[]> {
    const stopped = signal && abortion(signal);
    for (let at = from; !signal?.aborted; ) {
      if (at < this.#events.length) {
        const events = this.#events.slice(at, at + inferLimits.readBatchEventsMax);
        at += events.length;
        yield events;
      } else if (this.#result) return;
      else await (stopped ? Promise.race([this.#changed.promise, stopped]) : this.#changed.promise);
    }
  }

  #wake(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }
}

function abortion(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Whether an event is of the answer, and not of the call's own progress. */
export function isAnswer(event: GenerationEvent["event"]): event is TextEvent {
  return event.type !== "asked" && event.type !== "attempt" && event.type !== "job";
}

/** Whether an event delivers some of the answer: from then on nothing may be retried. */
export function isContent(event: TextEvent): boolean {
  return event.type === "text" || event.type === "reasoning" || event.type === "tool_call" || event.type === "finish";
}
