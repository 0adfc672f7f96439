import type { DatabaseSync } from "node:sqlite";
import { openSqlite } from "../../store/sqlite.ts";

const migrations: readonly string[] = [
  `CREATE TABLE tokens (
    id TEXT PRIMARY KEY,
    hash BLOB NOT NULL UNIQUE,
    workspace TEXT NOT NULL,
    repo TEXT,
    scope TEXT NOT NULL CHECK (scope IN ('read', 'write')),
    branch TEXT,
    path TEXT,
    created_by TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
  ) STRICT;
  CREATE INDEX tokens_by_workspace ON tokens (workspace, created_at);`,
];

/** Facts about repositories that are no part of them, in `<directory>/artifacts.db`. Opened when first needed. */
export interface State {
  database(): DatabaseSync;
  /** Runs `act` while no other process does. It must be short: it blocks them. */
  exclusively<Result>(act: () => Result): Result;
  close(): void;
}

export function openState(path: string): State {
  let open: DatabaseSync | undefined;
  const database = () => {
    open ??= openSqlite(path, { synchronous: "FULL", migrations, busyTimeoutMs: 5_000 });
    return open;
  };
  return {
    database,
    exclusively(act) {
      const db = database();
      db.exec("BEGIN IMMEDIATE");
      try {
        return act();
      } finally {
        db.exec("COMMIT");
      }
    },
    close() {
      open?.close();
      open = undefined;
    },
  };
}
