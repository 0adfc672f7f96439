import { readFile, writeFile } from "node:fs/promises";
import { Low } from "lowdb";
import { JSONFile } from "lowdb/node";
import lockfile from "proper-lockfile";
import { localCaller } from "../../src/core/caller.ts";
import { systemClock, systemRng } from "../../src/core/clock.ts";
import { newId } from "../../src/core/ids.ts";
import type { Book } from "../../src/credits/book.ts";
import { type Ledger, ledgerOver, openLedger } from "../../src/credits/ledger.ts";
import { ledgerMigrations } from "../../src/credits/schema.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { prepareStatements } from "../../src/store/statements.ts";

export const subjectNames = ["switchyard", "BEGIN IMMEDIATE", "lowdb with a lock"] as const;

export type SubjectName = (typeof subjectNames)[number];

/** One way to keep the pool. Both halves of a pair are durable, or as durable as the subject is, when they resolve. */
export interface Subject {
  reserve(amount: bigint): Promise<string>;
  settle(hold: string, actual: bigint): Promise<void>;
  close(): Promise<void>;
}

const initialGrant = 1_000_000_000_000_000n;

/** Makes the file; once, before the processes start. */
export async function prepare(name: SubjectName, path: string): Promise<void> {
  if (name === "lowdb with a lock") return writeFile(path, JSON.stringify(emptyBooks()));
  await openLedger({ path, clock: systemClock, rng: systemRng, initialGrant, background: false }).close();
}

export function openSubject(name: SubjectName, path: string): Subject {
  if (name === "lowdb with a lock") return lowdbSubject(path);
  const options = { clock: systemClock, rng: systemRng, background: false };
  if (name === "switchyard") return ledgerSubject(openLedger({ ...options, path }));
  return ledgerSubject(ledgerOver(plainBook(path), options));
}

function ledgerSubject(ledger: Ledger): Subject {
  return {
    async reserve(amount) {
      return (await ledger.reserve({ caller: localCaller, amount, charge: { tool: "infer" }, dispatched: true })).id;
    },
    async settle(hold, actual) {
      await ledger.settle(hold, { actual });
    },
    close: () => ledger.close(),
  };
}

/** The very same statements, each operation in a transaction of its own that waits, blocking, for the lock. */
function plainBook(path: string): Book {
  const database = openSqlite(path, { synchronous: "FULL", migrations: ledgerMigrations, busyTimeoutMs: 30_000 });
  const sql = prepareStatements(database);
  const [begin, commit] = [database.prepare("BEGIN IMMEDIATE"), database.prepare("COMMIT")];
  const transaction = () => ({ sql, rng: systemRng, now: systemClock.now() });
  return {
    read: async (operation) => operation(transaction()),
    async write(operation) {
      begin.run();
      try {
        const answer = operation(transaction());
        commit.run();
        return answer;
      } finally {
        if (database.isTransaction) database.exec("ROLLBACK");
      }
    },
    close: async () => database.close(),
  };
}

interface Books {
  granted: string;
  held: string;
  spent: string;
  holds: Record<string, string>;
  entries: { kind: string; hold: string; amount: string; at: number }[];
}

function emptyBooks(): Books {
  return { granted: initialGrant.toString(), held: "0", spent: "0", holds: {}, entries: [] };
}

/** One JSON document that is read and written whole, under a lock file, by one operation at a time. */
function lowdbSubject(path: string): Subject {
  let last: Promise<unknown> = Promise.resolve();
  const change = <T>(operation: (books: Books) => T): Promise<T> => {
    const turn = last.then(async () => {
      const unlock = await lockfile.lock(path, {
        retries: { retries: 1_000, minTimeout: 1, maxTimeout: 10 },
        stale: 30_000,
      });
      try {
        const database = new Low<Books>(new JSONFile(path), emptyBooks());
        await database.read();
        const answer = operation(database.data);
        await database.write();
        return answer;
      } finally {
        await unlock();
      }
    });
    last = turn.catch(() => undefined);
    return turn;
  };
  return {
    reserve: (amount) =>
      change((books) => {
        if (BigInt(books.granted) - BigInt(books.held) - BigInt(books.spent) < amount)
          throw new Error("the pool is empty");
        const hold = newId("hold", systemRng);
        books.held = (BigInt(books.held) + amount).toString();
        books.holds[hold] = amount.toString();
        books.entries.push({ kind: "reserve", hold, amount: amount.toString(), at: Date.now() });
        return hold;
      }),
    settle: (hold, actual) =>
      change((books) => {
        const amount = books.holds[hold];
        if (amount === undefined) throw new Error("there is no such hold");
        delete books.holds[hold];
        books.held = (BigInt(books.held) - BigInt(amount)).toString();
        books.spent = (BigInt(books.spent) + actual).toString();
        books.entries.push({ kind: "settle", hold, amount: actual.toString(), at: Date.now() });
      }),
    close: async () => void (await readFile(path)),
  };
}
