import { inferLimits } from "../../core/limits.ts";
import { amountOf, type Counter, type Short } from "./counter.ts";
import { MinuteWindow } from "./window.ts";

/** What this process sent in the last minute. Times are monotonic milliseconds. */
export class OwnCounts {
  readonly #windows = new Map<string, MinuteWindow>();

  /** The counter that makes a call wait longest, if any does. */
  shortOf(counters: readonly Counter[], tokens: number, nowMs: number): Short | undefined {
    let longest: Short | undefined;
    for (const counter of counters) {
      const waitMs = this.#windows.get(counter.name)?.waitMs(amountOf(counter, tokens), nowMs) ?? 0;
      if (waitMs > (longest?.waitMs ?? 0)) longest = { counter, waitMs };
    }
    return longest;
  }

  /** Takes without asking. Answers what to tell how many tokens it was really. */
  take(counters: readonly Counter[], tokens: number, nowMs: number): (actual: number) => void {
    const places = counters.map((counter) => {
      const window = this.#windowOf(counter, nowMs);
      const amount = amountOf(counter, tokens);
      return { counter, window, amount, at: window.take(amount, nowMs) };
    });
    return (actual) => {
      for (const { counter, window, amount, at } of places) window.correct(at, amountOf(counter, actual) - amount);
    };
  }

  #windowOf({ name, max }: Counter, nowMs: number): MinuteWindow {
    let window = this.#windows.get(name);
    if (!window) {
      if (this.#windows.size >= inferLimits.rateCountersMax) this.#makeRoom(nowMs);
      window = new MinuteWindow(max);
      this.#windows.set(name, window);
    }
    return window;
  }

  /** Counters by key or model come and go with them. */
  #makeRoom(nowMs: number): void {
    for (const [name, window] of this.#windows) if (window.taken(nowMs) === 0) this.#windows.delete(name);
    // None is idle: the one that was made first begins anew when it is next needed.
    const [oldest] = this.#windows.keys();
    if (oldest !== undefined && this.#windows.size >= inferLimits.rateCountersMax) this.#windows.delete(oldest);
  }
}
