import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { memoryLimits } from "../core/limits.ts";
import { openSqlite } from "../store/sqlite.ts";
import { migrations } from "./schema.ts";

/** One profile's open file and its prepared statements. */
export interface ProfileDatabase {
  readonly database: DatabaseSync;
  /** The prepared statement for a text that is a constant of the code; prepared once. */
  statement(sql: string): StatementSync;
  /** Runs a statement that answers nothing. */
  run(sql: string, ...parameters: SQLInputValue[]): void;
  close(): void;
}

/** One profile, opened when it is needed: what background work is given of it. */
export interface ProfileAccess {
  /** Undefined when there is no such profile. */
  read<T>(use: (profile: ProfileDatabase) => T): Promise<T | undefined>;
  /** Inside a transaction; resolves once it is durable. */
  write<T>(use: (profile: ProfileDatabase, now: number) => T): Promise<T>;
}

/** @throws unavailable when the file cannot be opened. */
export function openProfileDatabase(path: string): ProfileDatabase {
  // An acknowledged memory survives a power cut.
  const database = openSqlite(path, { synchronous: "FULL", migrations, busyTimeoutMs: memoryLimits.lockBlockMs });
  const statements = new Map<string, StatementSync>();
  function statement(sql: string): StatementSync {
    let prepared = statements.get(sql);
    if (prepared === undefined) {
      prepared = database.prepare(sql);
      statements.set(sql, prepared);
    }
    return prepared;
  }
  return {
    database,
    statement,
    run(sql, ...parameters) {
      // Not `run` of the statement: it reports the last row id, which FTS5 sets to numbers beyond JavaScript's.
      statement(sql).all(...parameters);
    },
    close() {
      statements.clear();
      database.close();
    },
  };
}
