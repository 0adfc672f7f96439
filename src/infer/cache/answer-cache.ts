import type { Clock, Rng } from "../../core/clock.ts";
import { inferLimits } from "../../core/limits.ts";
import { openGroupCommit } from "../../store/group-commit.ts";
import { openSqlite } from "../../store/sqlite.ts";
import { prepareStatements } from "../../store/statements.ts";
import type { GenerationEvent } from "../generation.ts";
import type { InferResult } from "../result.ts";

/** An answer that can be given again: its result, and the events it came in. */
export interface CachedAnswer {
  readonly result: InferResult;
  readonly events: readonly GenerationEvent["event"][];
}

/**
 * Answers kept on disk, so that they outlive the process and are shared by all that have the data directory open.
 * Bounded by count and bytes: the one that was not used for longest goes first.
 */
export interface AnswerCache {
  /** The answer under a key, unless it is older than `ttlMs` or than it was to be kept. */
  find(key: string, ttlMs: number): CachedAnswer | undefined;
  /** Keeps an answer for `ttlMs`. One that is too large is not kept. */
  keep(key: string, ttlMs: number, answer: CachedAnswer): Promise<void>;
  close(): Promise<void>;
}

const migrations = [
  `CREATE TABLE entry (
     key TEXT PRIMARY KEY,
     body TEXT NOT NULL,
     bytes INTEGER NOT NULL,
     created_at_ms INTEGER NOT NULL,
     expires_at_ms INTEGER NOT NULL,
     used_at_ms INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX entry_used ON entry (used_at_ms, bytes);
   CREATE INDEX entry_expiry ON entry (expires_at_ms);
   CREATE TABLE total (entries INTEGER NOT NULL, bytes INTEGER NOT NULL) STRICT;
   INSERT INTO total VALUES (0, 0);
   CREATE TRIGGER entry_added AFTER INSERT ON entry
     BEGIN UPDATE total SET entries = entries + 1, bytes = bytes + new.bytes; END;
   CREATE TRIGGER entry_gone AFTER DELETE ON entry
     BEGIN UPDATE total SET entries = entries - 1, bytes = bytes - old.bytes; END;`,
];

/** When an entry was last used is written down no more often than this. */
const usedGrainMs = 60_000;
/** Entries that are over are removed in passing, so many at a time. */
const expiredPerWrite = 16;

export interface AnswerCacheOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly entriesMax?: number | undefined;
  readonly bytesMax?: number | undefined;
}

/** Opens the cache at its first use: most processes never ask for it. */
export function openAnswerCache(options: AnswerCacheOptions): AnswerCache {
  let opened: AnswerCache | undefined;
  const cache = () => {
    opened ??= openNow(options);
    return opened;
  };
  return {
    find: (key, ttlMs) => cache().find(key, ttlMs),
    keep: (key, ttlMs, answer) => cache().keep(key, ttlMs, answer),
    close: async () => opened?.close(),
  };
}

function openNow(options: AnswerCacheOptions): AnswerCache {
  const { path, clock, rng } = options;
  const { entriesMax = inferLimits.cacheEntriesMax, bytesMax = inferLimits.cacheBytesMax } = options;
  const database = openSqlite(path, { synchronous: "NORMAL", migrations, busyTimeoutMs: 0 });
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

  function makeRoom(): void {
    for (;;) {
      const total = sql.get<{ entries: bigint; bytes: bigint }>("SELECT entries, bytes FROM total");
      if (!total || (total.entries <= entriesMax && total.bytes <= bytesMax)) return;
      const gone = sql.run("DELETE FROM entry WHERE key = (SELECT key FROM entry ORDER BY used_at_ms LIMIT 1)");
      if (gone === 0) return;
    }
  }

  return {
    find(key, ttlMs) {
      const row = sql.get("SELECT body, created_at_ms, expires_at_ms, used_at_ms FROM entry WHERE key = ?", key);
      const nowMs = clock.now();
      if (!row || nowMs >= Number(row.expires_at_ms) || nowMs - Number(row.created_at_ms) >= ttlMs) return undefined;
      if (nowMs - Number(row.used_at_ms) > usedGrainMs) {
        // Which entry goes first is a guess anyway: a use that cannot be written down changes nothing else.
        const used = () => sql.run("UPDATE entry SET used_at_ms = ? WHERE key = ?", nowMs, key);
        group.write(used).catch(() => undefined);
      }
      return JSON.parse(String(row.body)) as CachedAnswer;
    },
    async keep(key, ttlMs, answer) {
      const body = JSON.stringify(answer, bigintsAsText);
      const bytes = Buffer.byteLength(body);
      if (bytes > inferLimits.cacheEntryBytesMax) return;
      await group.write(() => {
        const nowMs = clock.now();
        sql.run(
          "DELETE FROM entry WHERE key IN (SELECT key FROM entry WHERE expires_at_ms <= ? LIMIT ?)",
          nowMs,
          expiredPerWrite,
        );
        // REPLACE would remove the old one without telling the totals.
        sql.run("DELETE FROM entry WHERE key = ?", key);
        sql.run("INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?)", key, body, bytes, nowMs, nowMs + ttlMs, nowMs);
        makeRoom();
      });
    },
    async close() {
      await group.close();
      database.close();
    },
  };
}

function bigintsAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
