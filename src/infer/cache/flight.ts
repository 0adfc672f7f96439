import type { Generation } from "../generation.ts";
import type { InferResult } from "../result.ts";

/**
 * A call that is under way, with those who asked for the same and wait for its answer. As long as one of them is there,
 * its own caller's going does not end it.
 */
export class Flight {
  readonly #generation: Generation;
  readonly #owner: AbortSignal;
  readonly #controller = new AbortController();
  readonly #done = Promise.withResolvers<InferResult>();
  #followers = 0;

  constructor(generation: Generation, owner: AbortSignal) {
    this.#generation = generation;
    this.#owner = owner;
    owner.addEventListener("abort", () => this.#endIfAlone(), { once: true });
    this.#endIfAlone();
  }

  /** Ends the call: its caller and all who followed have gone. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  landed(result: InferResult): void {
    this.#done.resolve(result);
  }

  /** Gives a generation the same events as they come. Answers how the call ended, or that the follower left before. */
  async follow(follower: Generation, signal: AbortSignal): Promise<InferResult | "left"> {
    this.#followers += 1;
    const landed = new AbortController();
    void this.#done.promise.then(() => landed.abort());
    let next = 0;
    const handOver = () => {
      const added = this.#generation.events.slice(next);
      next += added.length;
      // Attempts are the first caller's own.
      const shared = added.flatMap(({ event }) => (event.type === "attempt" || event.type === "job" ? [] : [event]));
      if (shared.length > 0) follower.append(...shared);
    };
    const forwarding = (async () => {
      for await (const { seq } of this.#generation.read(0, AbortSignal.any([signal, landed.signal]))) {
        if (seq >= next) handOver();
      }
    })();
    try {
      const result = await Promise.race([this.#done.promise, aborted(signal)]);
      await forwarding;
      if (result !== "left") handOver();
      return result;
    } finally {
      this.#followers -= 1;
      this.#endIfAlone();
    }
  }

  #endIfAlone(): void {
    if (this.#owner.aborted && this.#followers === 0) this.#controller.abort(this.#owner.reason);
  }
}

function aborted(signal: AbortSignal): Promise<"left"> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve("left");
    else signal.addEventListener("abort", () => resolve("left"), { once: true });
  });
}
