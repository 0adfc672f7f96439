import { systemClock, systemRng } from "../../../src/core/clock.ts";
import { type Book, openBook } from "../../../src/credits/book.ts";
import { ledgerMigrations } from "../../../src/credits/schema.ts";
import type { LedgerTransaction } from "../../../src/credits/transaction.ts";
import { openSqlite } from "../../../src/store/sqlite.ts";
import { prepareStatements } from "../../../src/store/statements.ts";

/** Mistakes that the bank must find. The first two are in the book, the others in how a server uses the ledger. */
export const bankFaults = ["early-acknowledgement", "no-lock", "no-expiry", "no-idempotency"] as const;

export type BankFault = (typeof bankFaults)[number];

/** How long the careless book lets changes wait for their commit. */
const commitDelayMs = 100;

export function openFaultyBook(path: string, fault: BankFault | undefined): Book {
  if (fault === "early-acknowledgement") return acknowledgesEarly(path);
  if (fault === "no-lock") return takesNoLock(path);
  return openBook({ path, clock: systemClock, rng: systemRng });
}

/** Answers as soon as the change is made and commits when it gets to it. */
function acknowledgesEarly(path: string): Book {
  const { database, transaction } = openFile(path);
  let commit: NodeJS.Timeout | undefined;
  const end = () => {
    clearTimeout(commit);
    commit = undefined;
    if (database.isTransaction) database.exec("COMMIT");
  };
  return {
    read: async (operation) => operation(transaction()),
    async write(operation) {
      if (!database.isTransaction) database.exec("BEGIN IMMEDIATE");
      commit ??= setTimeout(end, commitDelayMs);
      database.exec("SAVEPOINT operation");
      try {
        return operation(transaction());
      } catch (error) {
        database.exec("ROLLBACK TO operation");
        throw error;
      } finally {
        database.exec("RELEASE operation");
      }
    },
    async close() {
      end();
      database.close();
    },
  };
}

/** Commits every statement by itself: between what was looked at and what is written, others write. */
function takesNoLock(path: string): Book {
  const { database, transaction } = openFile(path);
  return {
    read: async (operation) => operation(transaction()),
    write: async (operation) => operation(transaction()),
    close: async () => database.close(),
  };
}

function openFile(path: string) {
  const database = openSqlite(path, { synchronous: "FULL", migrations: ledgerMigrations, busyTimeoutMs: 5_000 });
  const sql = prepareStatements(database);
  return { database, transaction: (): LedgerTransaction => ({ sql, rng: systemRng, now: systemClock.now() }) };
}
