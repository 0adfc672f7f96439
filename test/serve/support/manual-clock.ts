import type { Clock } from "../../../src/core/clock.ts";
import { cancelled } from "../../../src/core/errors.ts";

/** A clock that moves when it is told to. */
export class ManualClock implements Clock {
  #now = 0;
  readonly #sleeping: { at: number; wake: () => void }[] = [];
  now = () => this.#now;
  monotonicMs = () => this.#now;
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(cancelled());
    return new Promise((resolve, reject) => {
      this.#sleeping.push({ at: this.#now + ms, wake: resolve });
      signal?.addEventListener("abort", () => reject(cancelled()), { once: true });
    });
  }
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    for (;;) {
      this.#sleeping.sort((a, b) => a.at - b.at);
      const next = this.#sleeping[0];
      if (next === undefined || next.at > until) break;
      this.#sleeping.shift();
      this.#now = next.at;
      next.wake();
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#now = until;
  }
}
