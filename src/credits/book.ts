import type { DatabaseSync } from "node:sqlite";
import type { Clock, Rng } from "../core/clock.ts";
import { creditLimits } from "../core/limits.ts";
import type { NanoUsd } from "../core/money.ts";
import { openGroupCommit } from "../store/group-commit.ts";
import { openSqlite } from "../store/sqlite.ts";
import { prepareStatements, type Statements } from "../store/statements.ts";
import { storeError } from "../store/store-error.ts";
import { accrue, addGrant, isAccrualDue } from "./grants.ts";
import { ledgerMigrations } from "./schema.ts";
import type { LedgerTransaction } from "./transaction.ts";

/** The ledger's file, and the two ways to work on it. */
export interface Book {
  /** Sees the last committed state, with grants that came into effect or ran out by now. */
  read<T>(operation: (tx: LedgerTransaction) => T): Promise<T>;
  /** Answers after the change is on the disk. */
  write<T>(operation: (tx: LedgerTransaction) => T): Promise<T>;
  close(): Promise<void>;
}

export interface BookOptions {
  readonly path: string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly initialGrant?: NanoUsd | undefined;
}

/** @throws unavailable when the file cannot be opened or is not a ledger. */
export function openBook(options: BookOptions): Book {
  const { path, clock, rng, initialGrant = 0n } = options;
  const transaction = (sql: Statements): LedgerTransaction => ({ sql, rng, now: clock.now() });
  const database = openSqlite(path, {
    synchronous: "FULL",
    migrations: ledgerMigrations,
    busyTimeoutMs: 0,
    onCreate(created) {
      if (initialGrant === 0n) return;
      addGrant(transaction(prepareStatements(created)), { amount: initialGrant, note: "initial grant" });
    },
  });
  const statements = prepareStatements(database);
  const { batchOperationsMax, queueOperationsMax, lockWaitMsMax } = creditLimits;
  const store = openGroupCommit({ database, path, clock, rng, batchOperationsMax, queueOperationsMax, lockWaitMsMax });
  const write = <T>(operation: (tx: LedgerTransaction) => T) => store.write(() => operation(transaction(statements)));
  return {
    write,
    async read(operation) {
      try {
        if (isAccrualDue(transaction(statements))) await write(accrue);
        return inOneView(database, statements, () => operation(transaction(statements)));
      } catch (error) {
        throw storeError(error, path);
      }
    },
    async close() {
      await store.close();
      if (database.isOpen) database.close();
    },
  };
}

/** Several reads of one state, under one lock instead of one for each. */
function inOneView<T>(database: DatabaseSync, statements: Statements, operation: () => T): T {
  // A batch of writes may have begun: it has its view already.
  if (database.isTransaction) return operation();
  statements.run("BEGIN");
  try {
    return operation();
  } finally {
    statements.run("COMMIT");
  }
}
