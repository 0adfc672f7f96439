import { sandboxLimits } from "../../core/limits.ts";
import type { Pacer } from "../pacer.ts";
import { RunFiles } from "./run-files.ts";
import { type RunOwner, type RunRecord, recordCharacters } from "./run-record.ts";

/** A program that ended this quickly and called nothing is not worth a file. */
const briefMs = 1_000;

/** Runs that have ended: the latest in memory; those that took long or called something, on disk as well. */
export class RunStore {
  #files: RunFiles | undefined;
  #recent = new Map<string, RunRecord>();
  #characters = 0;
  #writing = new Set<Promise<void>>();

  /** Without a directory, runs are kept in memory only. */
  constructor(directory: string | undefined, pacer: Pacer) {
    this.#files = directory === undefined ? undefined : new RunFiles(directory, pacer);
  }

  /** Says that a run goes on while nobody waits for it. */
  markRunning(run: string, owner: RunOwner): void {
    if (this.#files) this.#track(this.#files.mark(run, owner));
  }

  put(record: RunRecord, wasInBackground: boolean): void {
    const { run, usage } = record.result;
    this.#recent.set(run, record);
    this.#characters += recordCharacters(record);
    for (const [oldest, { result }] of this.#recent) {
      const isRoom =
        this.#recent.size <= sandboxLimits.runsKeptMax && this.#characters <= sandboxLimits.runsKeptCharactersMax;
      if (isRoom || result === record.result) break;
      this.#forget(oldest);
    }
    const isWorthAFile = wasInBackground || usage.calls > 0 || usage.wall_ms > briefMs;
    if (this.#files && isWorthAFile) this.#track(this.#files.write(record));
  }

  async get(run: string): Promise<RunRecord | undefined> {
    return this.#recent.get(run) ?? (await this.#files?.read(run));
  }

  /** Whether another process has the run under way. */
  async running(run: string): Promise<{ readonly owner: RunOwner; readonly isAlive: boolean } | undefined> {
    return this.#files?.running(run);
  }

  /** Waits for what is being written. */
  async close(): Promise<void> {
    await Promise.all(this.#writing);
  }

  #forget(run: string): void {
    const record = this.#recent.get(run);
    this.#recent.delete(run);
    if (record) this.#characters -= recordCharacters(record);
  }

  /** A disk that is full loses the record, not the run: its result has been given or is still in memory. */
  #track(write: Promise<void>): void {
    const tracked = write.catch(() => {}).finally(() => this.#writing.delete(tracked));
    this.#writing.add(tracked);
  }
}
