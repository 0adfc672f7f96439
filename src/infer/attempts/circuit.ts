import { inferLimits } from "../../core/limits.ts";

const { circuitFailuresInARow, circuitCallsMin, circuitWindowMs, circuitOpenMs, circuitOpenMsMax } = inferLimits;
const bucketMs = 1_000;
const buckets = circuitWindowMs / bucketMs;

/**
 * Counts how calls to one place end, and says when to leave it alone: after five failures in a row, or when more than
 * half of at least twenty failed within half a minute. After a rest one call is let through; if it fails too, the rest
 * is longer. Times are monotonic milliseconds.
 */
export class Circuit {
  #failuresInARow = 0;
  /** Calls and failures by second, in a ring; `second` says which second a place stands for. */
  readonly #window = Array.from({ length: buckets }, () => ({ second: -1, calls: 0, failures: 0 }));
  #openUntilMs: number | undefined;
  #openings = 0;
  #isProbing = false;

  /** `half_open`: one call may find out whether it is well again. */
  state(nowMs: number): "closed" | "open" | "half_open" {
    if (this.#openUntilMs === undefined) return "closed";
    return nowMs < this.#openUntilMs || this.#isProbing ? "open" : "half_open";
  }

  /** A call is made. Answers whether it is the probe, which must be told of by `ended` whatever becomes of it. */
  begin(nowMs: number): boolean {
    if (this.state(nowMs) !== "half_open") return false;
    this.#isProbing = true;
    return true;
  }

  succeeded(nowMs: number): void {
    // What led to the rest is over; counted on, the next failure alone would begin another.
    if (this.#openUntilMs !== undefined) for (const bucket of this.#window) bucket.second = -1;
    this.#failuresInARow = 0;
    this.#openUntilMs = undefined;
    this.#openings = 0;
    this.#bucket(nowMs).calls += 1;
  }

  failed(nowMs: number, wasProbe: boolean): void {
    this.#failuresInARow += 1;
    const bucket = this.#bucket(nowMs);
    bucket.calls += 1;
    bucket.failures += 1;
    const isOpen = this.#openUntilMs !== undefined;
    if (wasProbe || (!isOpen && (this.#failuresInARow >= circuitFailuresInARow || this.#mostFail(nowMs)))) {
      this.#openings += 1;
      this.#openUntilMs = nowMs + Math.min(circuitOpenMsMax, circuitOpenMs * this.#openings);
    }
  }

  /** The probe is over, also when it was neither good nor bad. */
  ended(wasProbe: boolean): void {
    if (wasProbe) this.#isProbing = false;
  }

  #mostFail(nowMs: number): boolean {
    const oldest = Math.floor(nowMs / bucketMs) - buckets;
    let calls = 0;
    let failures = 0;
    for (const bucket of this.#window) {
      if (bucket.second <= oldest) continue;
      calls += bucket.calls;
      failures += bucket.failures;
    }
    return calls >= circuitCallsMin && failures * 2 > calls;
  }

  #bucket(nowMs: number): { second: number; calls: number; failures: number } {
    const second = Math.floor(nowMs / bucketMs);
    const place = this.#window[second % buckets];
    if (!place) throw new RangeError("a second outside the window");
    if (place.second !== second) Object.assign(place, { second, calls: 0, failures: 0 });
    return place;
  }
}
