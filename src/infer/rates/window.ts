import { inferLimits } from "../../core/limits.ts";

const minuteMs = 60_000;
const bucketMs = inferLimits.rateBucketMs;
/** One more than fit a minute, so that the oldest is only given up when all of it is over. */
const buckets = minuteMs / bucketMs + 1;

/** The bucket of a time. */
export function bucketAt(nowMs: number): number {
  return Math.floor(nowMs / bucketMs);
}

/** The last bucket that is over. */
export function lastOver(nowMs: number): number {
  return bucketAt(nowMs) - buckets;
}

/** When what was taken in a bucket counts no more. */
export function endOf(bucket: number): number {
  return (bucket + buckets) * bucketMs;
}

/** What was taken in the last minute. In no stretch of a minute is more taken than the limit. Times are monotonic milliseconds. */
export class MinuteWindow {
  readonly limit: number;
  /** What was taken in each bucket, in a ring that ends with `#newest`. */
  readonly #ring = new Float64Array(buckets);
  #newest = 0;
  #sum = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  taken(nowMs: number): number {
    this.#advance(nowMs);
    return this.#sum;
  }

  /** How long until so much may be taken; 0: now. More than the limit in one piece may be taken when nothing else is. */
  waitMs(amount: number, nowMs: number): number {
    let over = this.taken(nowMs) + Math.min(amount, this.limit) - this.limit;
    if (over <= 0) return 0;
    for (let bucket = this.#newest - buckets + 1; bucket < this.#newest; bucket += 1) {
      over -= this.#ring[mod(bucket)] ?? 0;
      if (over <= 0) return endOf(bucket) - nowMs;
    }
    return endOf(this.#newest) - nowMs;
  }

  /** Takes without asking. Answers where, for `correct`. */
  take(amount: number, nowMs: number): number {
    this.#advance(nowMs);
    this.#add(this.#newest, amount);
    return this.#newest;
  }

  /** Says that it was more or less that was taken then. What is over a minute old is forgotten. */
  correct(bucket: number, difference: number): void {
    if (bucket > this.#newest - buckets) this.#add(bucket, difference);
  }

  #add(bucket: number, amount: number): void {
    const before = this.#ring[mod(bucket)] ?? 0;
    const after = Math.max(0, before + amount);
    this.#ring[mod(bucket)] = after;
    this.#sum += after - before;
  }

  /** Empties the buckets that are over. A clock that stands still or goes back changes nothing. */
  #advance(nowMs: number): void {
    const now = bucketAt(nowMs);
    const from = Math.max(this.#newest + 1, now - buckets + 1);
    for (let bucket = from; bucket <= now; bucket += 1) {
      this.#sum -= this.#ring[mod(bucket)] ?? 0;
      this.#ring[mod(bucket)] = 0;
    }
    if (now > this.#newest) this.#newest = now;
  }
}

function mod(bucket: number): number {
  return ((bucket % buckets) + buckets) % buckets;
}
