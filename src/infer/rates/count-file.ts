import type { Clock } from "../../core/clock.ts";
import { inferLimits } from "../../core/limits.ts";
import { openSqlite } from "../../store/sqlite.ts";
import { prepareStatements } from "../../store/statements.ts";
import { amountOf, type Counter, type Short } from "./counter.ts";
import { ProcessLine, processLineSchema } from "./process-line.ts";
import { bucketAt, endOf, lastOver } from "./window.ts";

/** Where a call was counted. */
export interface Place {
  readonly bucket: number;
  readonly counters: readonly Counter[];
  readonly tokens: number;
}

/**
 * What all processes on a data directory sent in the last minute, in seconds of the wall clock, which they share. None takes
 * what a process before it in line waits for. Its methods throw as SQLite does.
 */
export interface CountFile {
  /** The counter that makes a call wait longest, if any does. */
  shortOf(counters: readonly Counter[], tokens: number): Short | undefined;
  /** Whether a process whose turn is before this one's waits for any of them. */
  isWaitedFor(counters: readonly Counter[]): boolean;
  /** Takes from all of them; undefined: one has no room, or it is another process's turn. */
  take(counters: readonly Counter[], tokens: number): Place | undefined;
  /** Says how many tokens it was really. */
  correct(place: Place, tokens: number): void;
  /** Says what calls of this process wait for; to be said again while they do. */
  waitFor(names: ReadonlySet<string>): void;
  close(): void;
}

const migrations = [
  `CREATE TABLE taken (
     counter TEXT NOT NULL,
     bucket INTEGER NOT NULL,
     amount INTEGER NOT NULL,
     PRIMARY KEY (counter, bucket)
   ) STRICT, WITHOUT ROWID;
   CREATE INDEX taken_bucket ON taken (bucket);`,
  processLineSchema,
];

export interface CountFileOptions {
  readonly path: string;
  /** Names this process in the line. */
  readonly process: string;
  readonly clock: Clock;
}

/** @throws unavailable when the file cannot be opened. */
export function openCountFile({ path, process, clock }: CountFileOptions): CountFile {
  const database = openSqlite(path, {
    // Waiting for the disk with the lock held would make all others wait too.
    synchronous: "OFF",
    migrations,
    busyTimeoutMs: inferLimits.rateLockWaitMsMax,
    openWaitMs: inferLimits.rateOpenWaitMsMax,
  });
  const sql = prepareStatements(database);
  const line = new ProcessLine(sql, process);
  let lastBucket = 0;

  /** One transaction, so that nobody takes between a look and what follows from it. Undefined undoes it. */
  function atOnce<T>(act: (nowMs: number) => T | undefined): T | undefined {
    sql.run("BEGIN IMMEDIATE");
    try {
      // Not before the lock is there: whoever had it may have counted later than that.
      const done = act(clock.now());
      sql.run(done === undefined ? "ROLLBACK" : "COMMIT");
      return done;
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }

  function waitMs({ name, max }: Counter, amount: number, nowMs: number): number {
    const range = [name, lastOver(nowMs), bucketAt(nowMs + inferLimits.rateAheadMsMax)] as const;
    const sum = sql.get<{ sum: bigint }>(
      "SELECT coalesce(sum(amount), 0) AS sum FROM taken WHERE counter = ? AND bucket > ? AND bucket <= ?",
      ...range,
    );
    // More than the limit in one piece may be taken when nothing else is.
    let over = Number(sum?.sum ?? 0) + Math.min(amount, max) - max;
    if (over <= 0) return 0;
    let lastMs = 0;
    for (const { bucket, amount } of sql.all<{ bucket: bigint; amount: bigint }>(
      "SELECT bucket, amount FROM taken WHERE counter = ? AND bucket > ? AND bucket <= ? ORDER BY bucket",
      ...range,
    )) {
      over -= Number(amount);
      lastMs = endOf(Number(bucket)) - nowMs;
      if (over <= 0) break;
    }
    return lastMs;
  }

  function shortAt(counters: readonly Counter[], tokens: number, nowMs: number): Short | undefined {
    let longest: Short | undefined;
    for (const counter of counters) {
      const ms = waitMs(counter, amountOf(counter, tokens), nowMs);
      if (ms > (longest?.waitMs ?? 0)) longest = { counter, waitMs: ms };
    }
    return longest;
  }

  function forget(nowMs: number, added: number): void {
    sql.run(
      "DELETE FROM taken WHERE (counter, bucket) IN (SELECT counter, bucket FROM taken WHERE bucket <= ? LIMIT ?)",
      lastOver(nowMs),
      added + inferLimits.rateOldPerTake,
    );
    if (lastBucket === bucketAt(nowMs)) return;
    lastBucket = bucketAt(nowMs);
    sql.run("DELETE FROM taken WHERE bucket > ?", bucketAt(nowMs + inferLimits.rateAheadMsMax));
  }

  return {
    shortOf: (counters, tokens) => shortAt(counters, tokens, clock.now()),
    isWaitedFor: (counters) => line.others(counters, clock.now()).some(({ areBefore }) => areBefore),
    take: (counters, tokens) =>
      atOnce((nowMs) => {
        const others = line.others(counters, nowMs);
        if (others.some(({ areBefore }) => areBefore) || shortAt(counters, tokens, nowMs)) return undefined;
        const bucket = bucketAt(nowMs);
        for (const [at, counter] of counters.entries()) {
          const amount = amountOf(counter, tokens);
          sql.run(add, counter.name, bucket, amount);
          line.took(counter, amount, others[at]?.count ?? 0, nowMs);
        }
        forget(nowMs, counters.length);
        return { bucket, counters, tokens };
      }),
    correct({ bucket, counters, tokens }, actual) {
      if (bucket <= lastOver(clock.now())) return;
      for (const counter of counters) {
        const difference = amountOf(counter, actual) - amountOf(counter, tokens);
        if (difference !== 0) sql.run(adjust, difference, counter.name, bucket);
      }
    },
    waitFor(names) {
      if (!line.mustSay(names, clock.now())) return;
      atOnce((nowMs) => {
        line.say(names, nowMs);
        return true;
      });
    },
    close() {
      database.close();
    },
  };
}

const add =
  "INSERT INTO taken VALUES (?, ?, ?) ON CONFLICT (counter, bucket) DO UPDATE SET amount = amount + excluded.amount";
const adjust = "UPDATE taken SET amount = max(0, amount + ?) WHERE counter = ? AND bucket = ?";
