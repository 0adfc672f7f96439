import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SwitchyardError } from "../core/errors.ts";

export interface SqliteOptions {
  /** `FULL` where an acknowledged write must survive a power cut, `NORMAL` where surviving a crash is enough. */
  readonly synchronous: "FULL" | "NORMAL";
  /** One SQL script for each schema version, in order; `user_version` says how many have run. */
  readonly migrations: readonly string[];
  /** How long a statement waits, blocking the event loop, for another process's lock. */
  readonly busyTimeoutMs: number;
}

/**
 * Opens a SQLite file in WAL mode and brings its schema up to date, once among all processes that open it together.
 * @throws unavailable when the file cannot be opened, is not a database, or was written by a newer Switchyard.
 */
export function openSqlite(path: string, options: SqliteOptions): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    database = new DatabaseSync(path);
    // The schema is set up under a patient lock; what the caller asked for holds afterwards.
    database.exec("PRAGMA busy_timeout = 10000");
    database.exec("PRAGMA journal_mode = WAL");
    database.exec(`PRAGMA synchronous = ${options.synchronous}`);
    if (process.platform === "darwin" && options.synchronous === "FULL") database.exec("PRAGMA fullfsync = 1");
    database.exec("PRAGMA foreign_keys = ON");
    migrate(database, path, options.migrations);
    database.exec(`PRAGMA busy_timeout = ${options.busyTimeoutMs}`);
    return database;
  } catch (error) {
    database?.close();
    if (error instanceof SwitchyardError) throw error;
    throw new SwitchyardError("unavailable", `the database ${path} cannot be opened: ${reason(error)}`, {
      next: "Check that the data directory is writable and has space, then run `switchyard doctor`",
      details: { path },
      cause: error,
    });
  }
}

/** Whether an error is SQLite saying that another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === "number" && ((code & 0xff) === 5 || (code & 0xff) === 6);
}

function migrate(database: DatabaseSync, path: string, migrations: readonly string[]): void {
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
    database.exec(`PRAGMA user_version = ${migrations.length}`);
    database.exec("COMMIT");
  } catch (error) {
    database.exec("ROLLBACK");
    throw error;
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
