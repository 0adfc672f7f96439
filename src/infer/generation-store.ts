import type { Clock, Rng } from "../core/clock.ts";
import { inferLimits } from "../core/limits.ts";
import { openGroupCommit } from "../store/group-commit.ts";
import { openSqlite } from "../store/sqlite.ts";
import { prepareStatements } from "../store/statements.ts";
import { type AttemptQuery, type LoggedAttempt, readAttempts } from "./attempt-log.ts";
import { type CallQuery, type LoggedCall, readCalls } from "./call-log.ts";
import type { GenerationEvent } from "./generation.ts";
import { generationMigrations } from "./generation-schema.ts";
import { isPurgeDue, purgeStep, type Retention } from "./purge-generations.ts";
import type { InferResult } from "./result.ts";
import { countEvents, readEvents, writeEvents } from "./stored-events.ts";

/** Whose a generation is: nobody else may read it. */
export interface GenerationOwner {
  readonly workspace: string;
  readonly key: string;
}

export interface NewGeneration {
  readonly id: string;
  readonly owner: GenerationOwner;
  readonly idempotencyKey: string | undefined;
  readonly requestHash: string;
  readonly model: string;
  /** What was asked, where the record is to hold it. */
  readonly request?: string | undefined;
}

/** A generation as any process on the data directory sees it. */
export interface StoredGeneration {
  readonly id: string;
  readonly workspace: string;
  readonly key: string;
  readonly requestHash: string;
  readonly model: string;
  readonly state: InferResult["status"];
  readonly result: InferResult | undefined;
  /** Until when its runner is taken to be alive. */
  readonly leaseUntilMs: number;
  readonly createdAtMs: number;
}

/**
 * Generations on disk: they outlive the caller, the connection and the process. A write is safe from a crash of the
 * process; after a power cut the last moments may be missing, which the ledger, not this file, makes good.
 */
export interface GenerationStore {
  /** Keeps a new generation, or gives the one that the same owner already has under the same idempotency key. */
  begin(generation: NewGeneration): Promise<StoredGeneration | undefined>;
  /** Keeps events in order, in batches that hold nobody up. */
  append(id: string, events: readonly GenerationEvent[]): void;
  /** Says that the runner of these generations is alive; answers which of them a caller elsewhere has cancelled. */
  heartbeat(ids: readonly string[]): Promise<string[]>;
  /** Asks whichever process runs a generation to stop it. */
  cancel(id: string): Promise<void>;
  /** Writes down what is needed to go on with a job at a provider, should its runner not live to its end. */
  saveJob(id: string, job: string): Promise<void>;
  /** Gives up a generation with a job without ending it: the next process that looks goes on with it. */
  leaveJob(id: string): Promise<void>;
  /** Takes over generations with a job whose runners are gone, each once among all processes. */
  claimJobs(
    limit: number,
  ): Promise<{ readonly stored: StoredGeneration; readonly job: string; readonly events: number }[]>;
  /** Generations without a job whose runners are gone, that nobody has ended. */
  lost(limit: number): StoredGeneration[];
  /** Ends a generation whose runner died, once among all processes. False: it is running, or another process was first. */
  abandon(id: string, result: InferResult): Promise<boolean>;
  /** Keeps the result, after every event that was appended before it. */
  finish(id: string, result: InferResult): Promise<void>;
  find(id: string, owner: GenerationOwner): StoredGeneration | undefined;
  /** Whoever it belongs to: for recovery, never for a caller. */
  look(id: string): StoredGeneration | undefined;
  /** Calls, oldest first, of those that ended after `since` (or run), at most `limit` of the newest. For the command. */
  log(query: CallQuery): LoggedCall[];
  /** Attempts in the order in which they were made, of calls as `log` gives them. For the command. */
  attempts(query: AttemptQuery): LoggedAttempt[];
  /** Events from `from` on, at most `limit`. */
  events(id: string, from: number, limit: number): GenerationEvent[];
  /** Deletes what was kept for long enough, in bounded steps, and gives the room back. */
  purge(retention: Retention): Promise<void>;
  close(): Promise<void>;
}

export interface GenerationStoreOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly rng: Rng;
}

export function openGenerationStore({ path, clock, rng }: GenerationStoreOptions): GenerationStore {
  const database = openSqlite(path, {
    synchronous: "NORMAL",
    migrations: generationMigrations,
    busyTimeoutMs: 0,
    canShrink: true,
  });
  const sql = prepareStatements(database);
  const group = openGroupCommit({
    database,
    path,
    clock,
    rng,
    batchOperationsMax: inferLimits.storeBatchOperationsMax,
    queueOperationsMax: inferLimits.storeQueueOperationsMax,
    lockWaitMsMax: inferLimits.storeLockWaitMsMax,
  });
  /** Events that are not on the disk yet, by generation. */
  let waiting = new Map<string, GenerationEvent[]>();
  let timer: NodeJS.Timeout | undefined;

  const byId = "SELECT * FROM generation WHERE id = ? AND workspace = ? AND caller_key = ?";
  const byKey = "SELECT * FROM generation WHERE workspace = ? AND caller_key = ? AND idempotency_key = ?";

  function writeWaiting(): void {
    const batches = waiting;
    waiting = new Map();
    for (const [id, events] of batches) {
      writeEvents(sql, id, events);
    }
  }

  function flushSoon(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      // A batch that cannot be written is not lost to its readers in this process; the next one tries the disk again.
      group.write(writeWaiting).catch(() => undefined);
    }, inferLimits.eventFlushMs);
  }

  return {
    begin: ({ id, owner, idempotencyKey, requestHash, model, request }) =>
      group.write(() => {
        if (idempotencyKey !== undefined) {
          const known = sql.get(byKey, owner.workspace, owner.key, idempotencyKey);
          if (known) return toStored(known);
        }
        const now = clock.now();
        sql.run(
          `INSERT INTO generation (id, workspace, caller_key, idempotency_key, request_hash, model, request, state, lease_until_ms, created_at_ms)
           VALUES (?, ?, ?, ?, ?, ?, ?, 'running', ?, ?)`,
          id,
          owner.workspace,
          owner.key,
          idempotencyKey ?? null,
          requestHash,
          model,
          request ?? null,
          now + inferLimits.runnerLeaseMs,
          now,
        );
        return undefined;
      }),
    append(id, events) {
      const list = waiting.get(id);
      if (list) list.push(...events);
      else if (events.length > 0) waiting.set(id, [...events]);
      flushSoon();
    },
    heartbeat: (ids) =>
      group.write(() => {
        for (const id of ids) {
          sql.run("UPDATE generation SET lease_until_ms = ? WHERE id = ?", clock.now() + inferLimits.runnerLeaseMs, id);
        }
        return sql
          .all("SELECT id FROM generation WHERE state = 'running' AND cancelled = 1")
          .map((row) => String(row.id));
      }),
    cancel: (id) =>
      group.write(() => {
        sql.run("UPDATE generation SET cancelled = 1 WHERE id = ? AND state = 'running'", id);
      }),
    saveJob: (id, job) =>
      group.write(() => {
        sql.run("UPDATE generation SET job = ? WHERE id = ?", job, id);
      }),
    leaveJob: (id) =>
      group.write(() => {
        writeWaiting();
        sql.run("UPDATE generation SET lease_until_ms = 0 WHERE id = ? AND state = 'running'", id);
      }),
    async claimJobs(limit) {
      const overdue =
        "SELECT * FROM generation WHERE state = 'running' AND job IS NOT NULL AND lease_until_ms < ? LIMIT ?";
      // Nearly always there is none: looking needs no transaction.
      if (sql.all(overdue, clock.now(), limit).length === 0) return [];
      return group.write(() =>
        sql.all(overdue, clock.now(), limit).map((row) => {
          const id = String(row.id);
          sql.run("UPDATE generation SET lease_until_ms = ? WHERE id = ?", clock.now() + inferLimits.runnerLeaseMs, id);
          return {
            stored: toStored(row),
            job: String(row.job),
            events: countEvents(sql, id),
          };
        }),
      );
    },
    lost: (limit) =>
      sql
        .all(
          "SELECT * FROM generation WHERE state = 'running' AND job IS NULL AND lease_until_ms < ? LIMIT ?",
          clock.now() - inferLimits.lostAfterMs,
          limit,
        )
        .map(toStored),
    abandon: (id, result) =>
      group.write(
        () =>
          sql.run(
            `UPDATE generation SET state = ?, result = ?, ended_at_ms = ?
             WHERE id = ? AND state = 'running' AND job IS NULL AND lease_until_ms < ?`,
            result.status,
            JSON.stringify(result),
            clock.now(),
            id,
            clock.now(),
          ) > 0,
      ),
    finish: (id, result) =>
      group.write(() => {
        writeWaiting();
        sql.run(
          "UPDATE generation SET state = ?, result = ?, ended_at_ms = ? WHERE id = ?",
          result.status,
          JSON.stringify(result),
          clock.now(),
          id,
        );
      }),
    find(id, owner) {
      const row = sql.get(byId, id, owner.workspace, owner.key);
      return row && toStored(row);
    },
    look(id) {
      const row = sql.get("SELECT * FROM generation WHERE id = ?", id);
      return row && toStored(row);
    },
    log: (query) => readCalls(sql, query),
    attempts: (query) => readAttempts(sql, query),
    events: (id, from, limit) => readEvents(sql, id, from, limit),
    async purge(retention) {
      if (!isPurgeDue(sql, retention, clock.now())) return;
      for (let step = 0; step < inferLimits.purgeStepsMax; step += 1) {
        if (!(await group.write(() => purgeStep(sql, retention, clock.now())))) break;
      }
      // The file is shortened when the log is written back into it.
      database.exec("PRAGMA wal_checkpoint(PASSIVE)");
    },
    async close() {
      clearTimeout(timer);
      await group.write(writeWaiting).catch(() => undefined);
      await group.close();
      database.close();
    },
  };
}

function toStored(row: Record<string, unknown>): StoredGeneration {
  return {
    id: String(row.id),
    workspace: String(row.workspace),
    key: String(row.caller_key),
    requestHash: String(row.request_hash),
    model: String(row.model),
    state: row.state as StoredGeneration["state"],
    result: row.result === null ? undefined : (JSON.parse(String(row.result)) as InferResult),
    leaseUntilMs: Number(row.lease_until_ms),
    createdAtMs: Number(row.created_at_ms),
  };
}
