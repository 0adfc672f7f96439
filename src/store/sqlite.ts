import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SwitchyardError } from "../core/errors.ts";
import { hasWalResetBug } from "./sqlite-version.ts";
import { isBusy, storeError } from "./store-error.ts";

export { isBusy } from "./store-error.ts";

/** How long opening waits, blocking, for other processes that open the same file: an open happens once. */
const openWaitMsDefault = 10_000;
const openRetryMs = 10;

export interface SqliteOptions {
  /**
   * `FULL` where an acknowledged write must survive a power cut, `NORMAL` where surviving a crash is enough, `OFF` for a
   * file that a power cut may ruin: then nothing ever waits for the disk.
   */
  readonly synchronous: "FULL" | "NORMAL" | "OFF";
  /** One SQL script for each schema version, in order; `user_version` says how many have run. */
  readonly migrations: readonly string[];
  /** How long a statement waits, blocking the event loop, for another process's lock. */
  readonly busyTimeoutMs: number;
  /** How long opening waits at each of its two steps, blocking, for other processes (10 s). */
  readonly openWaitMs?: number | undefined;
  /** A new file can give free pages back to the system, with `PRAGMA incremental_vacuum`. */
  readonly canShrink?: boolean | undefined;
  /** Runs once, in the transaction that makes the schema of a new file: what must be there from the start. */
  readonly onCreate?: ((database: DatabaseSync) => void) | undefined;
}

/**
 * Opens a SQLite file in WAL mode and brings its schema up to date, once among all processes that open it together.
 * @throws unavailable when the file cannot be opened, is not a database, or was written by a newer Switchyard.
 */
export function openSqlite(path: string, options: SqliteOptions): DatabaseSync {
  refuseAffectedSqlite();
  const { openWaitMs = openWaitMsDefault } = options;
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    database = new DatabaseSync(path);
    // What waits for a lock here is asked again, so that all of it together is bounded.
    database.exec(`PRAGMA busy_timeout = ${openRetryMs}`);
    useWal(database, options.canShrink === true, openWaitMs);
    // The schema is set up under a patient lock; what the caller asked for holds afterwards.
    database.exec(`PRAGMA busy_timeout = ${openWaitMs}`);
    database.exec(`PRAGMA synchronous = ${options.synchronous}`);
    if (process.platform === "darwin" && options.synchronous === "FULL") database.exec("PRAGMA fullfsync = 1");
    database.exec("PRAGMA foreign_keys = ON");
    migrate(database, path, options);
    database.exec(`PRAGMA busy_timeout = ${options.busyTimeoutMs}`);
    return database;
  } catch (error) {
    database?.close();
    const known = storeError(error, path);
    if (known instanceof SwitchyardError) throw known;
    throw new SwitchyardError("unavailable", `the database ${path} cannot be opened: ${reason(error)}`, {
      next: "Check that the data directory is writable and has space, then run `switchyard doctor`",
      details: { path },
      cause: error,
    });
  }
}

function refuseAffectedSqlite(version: string = process.versions.sqlite ?? "0"): void {
  if (!hasWalResetBug(version)) return;
  throw new SwitchyardError(
    "unavailable",
    `this Node ${process.versions.node} has SQLite ${version}, which can lose data`,
    {
      next: "Update Node to 22.23, 24.21, 26 or newer",
      details: { sqlite: version, node: process.versions.node },
    },
  );
}

/** Switching a new file to WAL needs it alone and does not wait for the lock by itself; processes started together collide. */
function useWal(database: DatabaseSync, canShrink: boolean, openWaitMs: number): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let waitedMs = 0; ; waitedMs += openRetryMs) {
    try {
      // Only a file without any table, not yet in WAL, can be told so.
      if (canShrink) database.exec("PRAGMA auto_vacuum = INCREMENTAL");
      if (database.prepare("PRAGMA journal_mode").get()?.journal_mode === "wal") return;
      database.exec("PRAGMA journal_mode = WAL");
      return;
    } catch (error) {
      if (!isBusy(error) || waitedMs >= openWaitMs) throw error;
      Atomics.wait(pause, 0, 0, openRetryMs);
    }
  }
}

function migrate(database: DatabaseSync, path: string, options: SqliteOptions): void {
  const { migrations } = options;
  const version = () => Number(database.prepare("PRAGMA user_version").get()?.user_version ?? 0);
  if (version() === migrations.length) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    const from = version();
    if (from > migrations.length) {
      throw new SwitchyardError(
        "unavailable",
        `${path} has schema ${from}, newer than this Switchyard knows (${migrations.length})`,
        {
          next: "Update switchyard-mcp, or point SWITCHYARD_HOME at another directory",
          details: { path },
        },
      );
    }
    for (const script of migrations.slice(from)) database.exec(script);
    if (from === 0) options.onCreate?.(database);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
    database.exec("COMMIT");
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
