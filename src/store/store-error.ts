import { SwitchyardError } from "../core/errors.ts";

/** Primary result codes of SQLite (sqlite.org/rescode.html); the upper bits of an extended code say more. */
const primary = {
  busy: 5,
  locked: 6,
  readonly: 8,
  io: 10,
  corrupt: 11,
  full: 13,
  cantOpen: 14,
  constraint: 19,
  notADatabase: 26,
};

/** Whether an error is SQLite saying that another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === primary.busy || code === primary.locked;
}

/** Whether an error is SQLite refusing a row that breaks one of the schema's own rules. */
export function isConstraint(error: unknown): boolean {
  return sqliteCode(error) === primary.constraint;
}

/** Whether SQLite met a page that cannot be right. */
export function isCorrupt(error: unknown): boolean {
  return sqliteCode(error) === primary.corrupt;
}

/** Whether a file cannot be used because of what is in it; of an error as it came, or as `storeError` tells of it. */
export function isDamaged(error: unknown): boolean {
  const code = sqliteCode(error) ?? sqliteCode((error as { cause?: unknown } | null)?.cause);
  return code === primary.corrupt || code === primary.notADatabase;
}

/** Codes that mean a mistake in our SQL or its use (SQLITE_ERROR, MISMATCH, MISUSE, RANGE): bugs, not states of the file. */
const mistakes: readonly number[] = [1, 20, 21, 25];

/**
 * What a caller is told when a database failed under it: what is wrong with the file and what to do. Errors that
 * are ours, or not SQLite's, or mistakes in SQL come back as they are.
 */
export function storeError(error: unknown, path: string): unknown {
  const code = sqliteCode(error);
  if (code === undefined || mistakes.includes(code)) return error;
  const { what, next, retryable } = explain(code);
  return new SwitchyardError("unavailable", `${path} ${what}`, {
    next,
    retryable,
    details: { path, sqlite_code: code },
    cause: error,
  });
}

function explain(code: number): { what: string; next: string; retryable: boolean } {
  switch (code) {
    case primary.busy:
    case primary.locked:
      return {
        what: "is locked by another process",
        next: "Call again; if it lasts, look for a process that holds the file",
        retryable: true,
      };
    case primary.readonly:
      return {
        what: "cannot be written: the file or its directory is read-only",
        next: "Give this user write access to the file and its directory, or point SWITCHYARD_HOME elsewhere",
        retryable: false,
      };
    case primary.full:
      return {
        what: "cannot grow: the disk is full",
        next: "Free some space and call again; nothing was recorded by this call",
        retryable: true,
      };
    case primary.io:
      return {
        what: "cannot be read or written: the disk reports an error",
        next: "Check the disk, then call again with the same idempotency key",
        retryable: true,
      };
    case primary.corrupt:
    case primary.notADatabase:
      return {
        what: "is damaged: its contents are not a valid database",
        next: "Stop every process that uses it, run `switchyard doctor`, and restore the file from a backup",
        retryable: false,
      };
    case primary.cantOpen:
      return {
        what: "cannot be opened",
        next: "Check that the directory exists, is writable and has space, then run `switchyard doctor`",
        retryable: false,
      };
    default:
      return {
        what: `failed with SQLite error ${code}`,
        next: "Run `switchyard doctor`; if it finds nothing, report this with the server's log",
        retryable: false,
      };
  }
}

function sqliteCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  return typeof code === "number" ? code & 0xff : undefined;
}
