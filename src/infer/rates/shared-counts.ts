import { rmSync, statSync } from "node:fs";
import { uptime } from "node:os";
import type { Clock, Rng } from "../../core/clock.ts";
import { inferLimits } from "../../core/limits.ts";
import { isDamaged, storeError } from "../../store/store-error.ts";
import { type CountFile, openCountFile, type Place } from "./count-file.ts";
import type { Counter, Short } from "./counter.ts";

export interface SharedCountsOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Takes lines for the log. */
  readonly log?: ((line: string) => void) | undefined;
}

/**
 * The counts of all processes on a data directory, in a file that is made at the first call which a limit matches. A
 * counter must not stop calls: while the file cannot be used, every question is answered as if nobody else were there, and
 * what is left are the process's own counts, which are kept beside these all the time. Opened with blocking waits of
 * bounded length, and not again for a while after it failed.
 */
export class SharedCounts {
  readonly #options: SharedCountsOptions;
  readonly #process: string;
  #file: CountFile | undefined;
  /** Monotonic milliseconds. */
  #restsUntilMs = Number.NEGATIVE_INFINITY;
  #hasFailed = false;
  #isClosed = false;

  constructor(options: SharedCountsOptions) {
    this.#options = options;
    this.#process = Buffer.from(options.rng.bytes(12)).toString("base64url");
  }

  shortOf(counters: readonly Counter[], tokens: number): Short | undefined {
    return this.#ask((file) => file.shortOf(counters, tokens), undefined);
  }

  isWaitedFor(counters: readonly Counter[]): boolean {
    return this.#ask((file) => file.isWaitedFor(counters), false);
  }

  /** Where it was counted; `nowhere` without the file, `refused` when it must wait. */
  take(counters: readonly Counter[], tokens: number): Place | "nowhere" | "refused" {
    const place = this.#ask<Place | "nowhere" | "refused">(
      (file) => file.take(counters, tokens) ?? "refused",
      "nowhere",
    );
    // Only what was written says that the file is well again: a full disk can be read.
    if (typeof place === "object") this.#worksAgain();
    return place;
  }

  correct(place: Place, tokens: number): void {
    this.#ask((file) => file.correct(place, tokens), undefined);
  }

  waitFor(names: ReadonlySet<string>): void {
    this.#ask((file) => file.waitFor(names), undefined);
  }

  close(): void {
    if (this.#file) this.waitFor(new Set());
    this.#isClosed = true;
    this.#closeFile();
  }

  #ask<T>(act: (file: CountFile) => T, without: T): T {
    if (this.#isClosed) return without;
    const { path, clock } = this.#options;
    if (clock.monotonicMs() < this.#restsUntilMs) return without;
    try {
      this.#file ??= openCountFile({ path, clock, process: this.#process });
      return act(this.#file);
    } catch (error) {
      this.#closeFile();
      if (isDamaged(error) && this.#removedAncient()) return this.#ask(act, without);
      this.#failed(error);
      return without;
    }
  }

  /**
   * Removes a file that nobody wrote to since the machine was started: a power cut has damaged it. A newer one may be in
   * use, and those who have it open would count apart.
   */
  #removedAncient(): boolean {
    const { path, clock } = this.#options;
    try {
      const startedMs = clock.now() - uptime() * 1_000;
      const writtenMs = [path, `${path}-wal`].map((file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
      if (Math.max(...writtenMs) >= startedMs) return false;
      for (const end of ["-wal", "-shm", ""]) rmSync(`${path}${end}`, { force: true });
      return true;
    } catch {
      // Another process was faster, or may do what this one may not: it is looked at again after a rest.
      return false;
    }
  }

  /** Said once, until it works again. */
  #failed(error: unknown): void {
    const { path, clock, log } = this.#options;
    this.#restsUntilMs = clock.monotonicMs() + inferLimits.rateFileRestMs;
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const known = storeError(error, path);
    const advice = isDamaged(error)
      ? "; it holds the counts of a minute and nothing else: once no server runs, it can be deleted"
      : "";
    log?.(
      `rates: ${known instanceof Error ? known.message : String(known)}; until it can be used again, this process keeps ` +
        `to rate_limits by what it sends itself${advice}`,
    );
  }

  #worksAgain(): void {
    if (!this.#hasFailed) return;
    this.#hasFailed = false;
    this.#options.log?.("rates: rate_limits hold over all processes again");
  }

  #closeFile(): void {
    try {
      this.#file?.close();
    } catch {
      // What failed before may fail at this too, and nothing in it is missed.
    }
    this.#file = undefined;
  }
}
