import type { DatabaseSync } from "node:sqlite";
import type { Clock, Rng } from "../core/clock.ts";
import { abortError } from "../core/deadline.ts";
import { SwitchyardError } from "../core/errors.ts";
import { memoryLimits } from "../core/limits.ts";
import { isBusy } from "../store/sqlite.ts";

interface Job {
  readonly work: () => unknown;
  readonly signal: AbortSignal | undefined;
  readonly giveUpAt: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly job: Job; readonly value?: unknown; readonly error?: unknown };

/** Calls committed together, so that concurrent callers share one flush to disk. */
const jobsPerCommitMax = 64;

/**
 * One profile's writes, in order, each in a savepoint of a shared transaction. A promise resolves once its work is
 * committed. Another process's lock is waited for asleep, not by blocking the event loop.
 */
export class WriteQueue {
  readonly #database: DatabaseSync;
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #jobs: Job[] = [];
  #running: Promise<void> | undefined;

  constructor(database: DatabaseSync, clock: Clock, rng: Rng) {
    this.#database = database;
    this.#clock = clock;
    this.#rng = rng;
  }

  /** @throws unavailable when the queue is full or the lock was not free in time; whatever `work` throws. */
  run<T>(work: () => T, signal?: AbortSignal): Promise<T> {
    if (signal?.aborted) return Promise.reject(abortError(signal));
    if (this.#jobs.length >= memoryLimits.queuedWritesMax) {
      return Promise.reject(busyError("too many writes wait for this profile"));
    }
    return new Promise<T>((resolve, reject) => {
      const giveUpAt = this.#clock.monotonicMs() + memoryLimits.lockWaitMs;
      this.#jobs.push({ work, signal, giveUpAt, resolve: resolve as (value: unknown) => void, reject });
      this.#running ??= this.#drain().finally(() => {
        this.#running = undefined;
      });
    });
  }

  /** Resolves when nothing is queued or running. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  async #drain(): Promise<void> {
    // Callers of the same turn of the event loop join the first commit.
    await new Promise((resolve) => setImmediate(resolve));
    let waitMs = 2;
    while (this.#jobs.length > 0) {
      this.#dropStale();
      if (this.#jobs.length === 0) return;
      if (!this.#begin()) {
        await this.#clock.sleep(waitMs * (0.5 + this.#rng.fraction()));
        waitMs = Math.min(waitMs * 1.5, 50);
        continue;
      }
      waitMs = 2;
      this.#commit(this.#jobs.splice(0, jobsPerCommitMax));
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Rejects what was cancelled or has waited too long; none of it has begun. */
  #dropStale(): void {
    const now = this.#clock.monotonicMs();
    for (let index = this.#jobs.length - 1; index >= 0; index -= 1) {
      const job = this.#jobs[index];
      if (job === undefined || (!job.signal?.aborted && now < job.giveUpAt)) continue;
      this.#jobs.splice(index, 1);
      job.reject(job.signal?.aborted ? abortError(job.signal) : busyError("another process holds this profile's lock"));
    }
  }

  #begin(): boolean {
    try {
      this.#database.exec("BEGIN IMMEDIATE");
      return true;
    } catch (error) {
      if (isBusy(error)) return false;
      for (const job of this.#jobs.splice(0)) job.reject(error);
      return false;
    }
  }

  #commit(jobs: readonly Job[]): void {
    const outcomes: Outcome[] = [];
    try {
      for (const job of jobs) outcomes.push(this.#attempt(job));
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      for (const job of jobs) job.reject(error);
      return;
    }
    for (const { job, value, error } of outcomes) {
      if (error === undefined) job.resolve(value);
      else job.reject(error);
    }
  }

  #attempt(job: Job): Outcome {
    this.#database.exec("SAVEPOINT job");
    try {
      const value = job.work();
      this.#database.exec("RELEASE job");
      return { job, value };
    } catch (error) {
      // A full disk ends the whole transaction, and with it every job that shares it.
      if (!this.#database.isTransaction) throw error;
      this.#database.exec("ROLLBACK TO job");
      this.#database.exec("RELEASE job");
      return { job, error };
    }
  }
}

function busyError(what: string): SwitchyardError {
  return new SwitchyardError("unavailable", `${what}; nothing of this call was kept`, {
    next: "Call again in a moment",
    retryable: true,
  });
}
