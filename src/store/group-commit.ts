import type { DatabaseSync } from "node:sqlite";
import type { Clock, Rng } from "../core/clock.ts";
import { SwitchyardError } from "../core/errors.ts";
import { isBusy, isConstraint, storeError } from "./store-error.ts";

export interface GroupCommitOptions {
  /** Opened with a busy timeout of 0: waiting for the lock happens here, without blocking the event loop. */
  readonly database: DatabaseSync;
  /** Names the file in errors. */
  readonly path: string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly batchOperationsMax: number;
  readonly queueOperationsMax: number;
  /** How long a batch waits for another process's lock before its operations are refused. */
  readonly lockWaitMsMax: number;
}

/** Writes of many callers in one transaction and one fsync. */
export interface GroupCommit {
  /**
   * Runs `operation` in a transaction with whatever else is waiting, each in a savepoint of its own, and settles only
   * after COMMIT: a value or a refusal that was based on changes which then failed to commit is never handed out.
   * `operation` is synchronous, touches nothing but the database, and undoes its changes by throwing.
   * @throws what `operation` throws; unavailable when the queue is full, the lock stays taken, or the file fails.
   */
  write<T>(operation: () => T): Promise<T>;
  /** Writes what is queued and refuses the rest. The database stays open. */
  close(): Promise<void>;
}

interface Pending {
  readonly operation: () => unknown;
  readonly resolve: (value: never) => void;
  readonly reject: (reason: unknown) => void;
}

type Outcome = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: unknown };

/** A process that has written this long without a pause lets others in, whether or not it has noticed any. */
const turnMsMax = 20;
/** A gap this long between batches is pause enough. */
const restMs = 1;
/** How often this process looks for such signs. */
const lookMs = 5;
/** How long a sign of other writers makes this process pause after every batch. */
const politeMs = 250;

export function openGroupCommit(options: GroupCommitOptions): GroupCommit {
  const { database, path, clock, rng } = options;
  const statement = (sql: string) => database.prepare(sql);
  const [begin, commit, savepoint, release, undo] = [
    statement("BEGIN IMMEDIATE"),
    statement("COMMIT"),
    statement("SAVEPOINT operation"),
    statement("RELEASE operation"),
    statement("ROLLBACK TO operation"),
  ];
  const dataVersion = statement("PRAGMA data_version");
  let queue: Pending[] = [];
  let draining: Promise<void> | undefined;
  let closed = false;
  let seenVersion: unknown = dataVersion.get()?.data_version;
  let politeUntil = Number.NEGATIVE_INFINITY;
  let turnStart = 0;
  let lastBatchAt = Number.NEGATIVE_INFINITY;
  let lookedAt = Number.NEGATIVE_INFINITY;

  /** 1 to 3 ms, never growing: a growing wait is what starves the process that was unlucky first. */
  const pause = () => clock.sleep(1 + 2 * rng.fraction());

  async function lock(): Promise<void> {
    const start = clock.monotonicMs();
    for (;;) {
      try {
        begin.run();
        return;
      } catch (error) {
        if (!isBusy(error) || clock.monotonicMs() - start > options.lockWaitMsMax) throw storeError(error, path);
        politeUntil = clock.monotonicMs() + politeMs;
        await pause();
      }
    }
  }

  function attempt(pending: Pending): Outcome {
    savepoint.run();
    try {
      const value = pending.operation();
      release.run();
      return { ok: true, value };
    } catch (error) {
      // After some failures (full disk, damaged page) SQLite has already ended the transaction: the batch is lost.
      if (!database.isTransaction) throw error;
      undo.run();
      release.run();
      if (isFileFailure(error)) throw error;
      return { ok: false, reason: isConstraint(error) ? brokenRule(error) : error };
    }
  }

  /** Without a savepoint: what it throws ends the transaction. */
  function attemptAlone(pending: Pending): Outcome {
    try {
      return { ok: true, value: pending.operation() };
    } catch (error) {
      if (!database.isTransaction || isFileFailure(error)) throw error;
      database.exec("ROLLBACK");
      return { ok: false, reason: isConstraint(error) ? brokenRule(error) : error };
    }
  }

  async function drain(): Promise<void> {
    if (clock.monotonicMs() - lastBatchAt > restMs) turnStart = clock.monotonicMs();
    while (queue.length > 0) {
      // Whatever is asked for in this turn of the event loop shares the transaction.
      await new Promise(setImmediate);
      let batch: Pending[] = [];
      try {
        await lock();
        batch = take();
        const [only] = batch;
        const outcomes = batch.length === 1 && only ? [attemptAlone(only)] : batch.map(attempt);
        if (database.isTransaction) commit.run();
        for (const [index, pending] of batch.entries()) deliver(pending, outcomes[index]);
      } catch (error) {
        rollback();
        const failed = batch.length > 0 ? batch : take();
        for (const pending of failed) pending.reject(storeError(error, path));
      }
      await letOthersIn();
    }
    // Here and not in a later microtask: a write that comes in between must start the next round itself.
    draining = undefined;
  }

  function rollback(): void {
    try {
      if (database.isTransaction) database.exec("ROLLBACK");
    } catch {
      // The failure that led here is the one worth telling; the next BEGIN reports what is still wrong.
    }
  }

  /** Changes when another connection has committed. */
  function versionSeen(): unknown {
    try {
      return dataVersion.get()?.data_version;
    } catch {
      return seenVersion;
    }
  }

  function take(): Pending[] {
    const batch = queue.slice(0, options.batchOperationsMax);
    queue = queue.slice(batch.length);
    return batch;
  }

  async function letOthersIn(): Promise<void> {
    const now = clock.monotonicMs();
    lastBatchAt = now;
    if (now - lookedAt >= lookMs) {
      lookedAt = now;
      const version = versionSeen();
      if (version !== seenVersion) politeUntil = now + politeMs;
      seenVersion = version;
    }
    if (now < politeUntil || now - turnStart > turnMsMax) {
      await pause();
      turnStart = clock.monotonicMs();
    }
  }

  return {
    write<T>(operation: () => T): Promise<T> {
      if (closed) return Promise.reject(closedError(path));
      if (queue.length >= options.queueOperationsMax) return Promise.reject(queueFull(path, queue.length));
      return new Promise<T>((resolve, reject) => {
        queue.push({ operation, resolve, reject });
        draining ??= drain();
      });
    },
    async close() {
      closed = true;
      await draining;
    },
  };
}

function deliver(pending: Pending, outcome: Outcome | undefined): void {
  if (outcome?.ok) pending.resolve(outcome.value as never);
  else pending.reject(outcome?.reason);
}

/** Failures of the file rather than of one operation: everything in the batch shares them. */
function isFileFailure(error: unknown): boolean {
  return !isConstraint(error) && storeError(error, "") !== error;
}

function brokenRule(error: unknown): SwitchyardError {
  return new SwitchyardError("internal", "the database refused a change that breaks one of its rules", {
    next: "Run `switchyard doctor` and report what it says; nothing was recorded by this call",
    cause: error,
  });
}

function closedError(path: string): SwitchyardError {
  return new SwitchyardError("unavailable", `${path} is closed`, {
    next: "The server is shutting down; call again when it is back",
    retryable: true,
    details: { path },
  });
}

function queueFull(path: string, waiting: number): SwitchyardError {
  return new SwitchyardError("unavailable", `${waiting} writes to ${path} are waiting already`, {
    next: "Call again in a moment",
    retryable: true,
    details: { path, queued: waiting },
  });
}
