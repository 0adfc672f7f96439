import type { DatabaseSync, StatementSync } from "node:sqlite";
import { memoryLimits } from "../core/limits.ts";
import { openSqlite } from "../store/sqlite.ts";
import { migrations } from "./schema.ts";

/** One profile's open file and its prepared statements. */
export interface ProfileDatabase {
  readonly database: DatabaseSync;
  /** The prepared statement for a text that is a constant of the code; prepared once. */
  statement(sql: string): StatementSync;
  close(): void;
}

/** @throws unavailable when the file cannot be opened. */
export function openProfileDatabase(path: string): ProfileDatabase {
  // An acknowledged memory survives a power cut.
  const database = openSqlite(path, { synchronous: "FULL", migrations, busyTimeoutMs: memoryLimits.lockBlockMs });
  database.exec("PRAGMA secure_delete = ON");
  database.exec("PRAGMA temp_store = MEMORY");
  const statements = new Map<string, StatementSync>();
  return {
    database,
    statement(sql) {
      let statement = statements.get(sql);
      if (statement === undefined) {
        statement = database.prepare(sql);
        statements.set(sql, statement);
      }
      return statement;
    },
    close() {
      statements.clear();
      database.close();
    },
  };
}
