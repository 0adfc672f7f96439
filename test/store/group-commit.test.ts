import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock, systemRng } from "../../src/core/clock.ts";
import { type GroupCommit, openGroupCommit } from "../../src/store/group-commit.ts";
import { openSqlite } from "../../src/store/sqlite.ts";
import { temporaryDirectory } from "../support/ledger.ts";

interface Store {
  readonly path: string;
  readonly database: DatabaseSync;
  readonly commit: GroupCommit;
  insert(value: number): Promise<number>;
  /** What another connection sees. */
  stored(): number[];
}

async function openStore(limits: Partial<Parameters<typeof openGroupCommit>[0]> = {}): Promise<Store> {
  const path = join(await temporaryDirectory(), "store.db");
  const schema = "CREATE TABLE number (value INTEGER NOT NULL CHECK (value >= 0)) STRICT";
  const database = openSqlite(path, { synchronous: "FULL", migrations: [schema], busyTimeoutMs: 0 });
  const commit = openGroupCommit({
    database,
    path,
    clock: systemClock,
    rng: systemRng,
    batchOperationsMax: 64,
    queueOperationsMax: 1_000,
    lockWaitMsMax: 10_000,
    ...limits,
  });
  const other = new DatabaseSync(path);
  onTestFinished(async () => {
    await commit.close();
    other.close();
    database.close();
  });
  const insert = (value: number) =>
    commit.write(() => {
      database.prepare("INSERT INTO number VALUES (?)").run(value);
      return value;
    });
  const stored = () =>
    other
      .prepare("SELECT value FROM number ORDER BY rowid")
      .all()
      .map((row) => Number(row.value));
  return { path, database, commit, insert, stored };
}

describe("group commit", () => {
  it("answers only when another connection can see the change", async () => {
    const { insert, stored } = await openStore();
    for (let value = 0; value < 20; value++) {
      await insert(value);
      expect(stored()).toContain(value);
    }
  });

  it("puts what is asked for in one turn into one transaction, in order, up to the batch limit", async () => {
    const { database, commit, stored } = await openStore({ batchOperationsMax: 4 });
    const insert = database.prepare("INSERT INTO number VALUES (?)");
    // What is committed when each operation runs shows where the transactions begin.
    const seen = await Promise.all(
      Array.from({ length: 10 }, (_, value) =>
        commit.write(() => {
          insert.run(value);
          return stored().length;
        }),
      ),
    );
    expect(seen).toEqual([0, 0, 0, 0, 4, 4, 4, 4, 8, 8]);
    expect(stored()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it("undoes an operation that throws and keeps the others of its batch", async () => {
    const { database, commit, insert, stored } = await openStore();
    const failing = commit.write(() => {
      database.exec("INSERT INTO number VALUES (100)");
      throw new Error("refused");
    });
    const broken = commit.write(() => database.exec("INSERT INTO number VALUES (-1)"));
    const results = await Promise.allSettled([insert(1), failing, insert(2), broken, insert(3)]);
    expect(results.map((result) => result.status)).toEqual([
      "fulfilled",
      "rejected",
      "fulfilled",
      "rejected",
      "fulfilled",
    ]);
    await expect(failing).rejects.toThrow("refused");
    await expect(broken).rejects.toMatchObject({ code: "internal" });
    expect(stored()).toEqual([1, 2, 3]);
  });

  it("waits for another connection's lock without blocking the event loop", async () => {
    const { path, insert, stored } = await openStore();
    const holder = new DatabaseSync(path);
    holder.exec("BEGIN IMMEDIATE");
    let done = false;
    const waiting = insert(1).then(() => {
      done = true;
    });
    for (let turn = 0; turn < 10; turn++) await systemClock.sleep(2);
    expect(done).toBe(false);
    holder.exec("INSERT INTO number VALUES (7); COMMIT");
    holder.close();
    await waiting;
    expect(stored()).toEqual([7, 1]);
  });

  it("refuses when the lock stays taken past the limit, and works again when it is free", async () => {
    const { path, insert, stored } = await openStore({ lockWaitMsMax: 20 });
    const holder = new DatabaseSync(path);
    holder.exec("BEGIN IMMEDIATE");
    await expect(insert(1)).rejects.toMatchObject({ code: "unavailable", retryable: true });
    holder.exec("ROLLBACK");
    holder.close();
    await insert(2);
    expect(stored()).toEqual([2]);
  });

  it("takes as many writes as the queue holds and refuses the one after them", async () => {
    const { insert, stored } = await openStore({ queueOperationsMax: 5 });
    const writes = Array.from({ length: 6 }, (_, value) => insert(value));
    const results = await Promise.allSettled(writes);
    expect(results.map((result) => result.status)).toEqual([...Array(5).fill("fulfilled"), "rejected"]);
    await expect(writes[5]).rejects.toMatchObject({ code: "unavailable", retryable: true });
    expect(stored()).toEqual([0, 1, 2, 3, 4]);
  });

  it("fails the whole batch when the disk is full, records none of it, and recovers", async () => {
    const { database, commit, insert, stored } = await openStore();
    await insert(1);
    const pages = Number(database.prepare("PRAGMA page_count").get()?.page_count);
    database.exec(`PRAGMA max_page_count = ${pages}`);
    const fill = commit.write(() => {
      const row = database.prepare("INSERT INTO number VALUES (?)");
      for (let value = 0; value < 10_000; value++) row.run(value);
    });
    const results = await Promise.allSettled([insert(2), fill, insert(3)]);
    for (const result of results) {
      expect(result).toMatchObject({ status: "rejected", reason: { code: "unavailable" } });
    }
    await expect(fill).rejects.toThrow("the disk is full");
    expect(stored()).toEqual([1]);
    database.exec("PRAGMA max_page_count = 100000");
    await insert(4);
    expect(stored()).toEqual([1, 4]);
  });

  it("commits what is queued when it closes and refuses what comes after", async () => {
    const { commit, insert, stored } = await openStore();
    const writes = [insert(1), insert(2)];
    await commit.close();
    await Promise.all(writes);
    await expect(insert(3)).rejects.toMatchObject({ code: "unavailable" });
    expect(stored()).toEqual([1, 2]);
  });

  it("starts a new round for a write that comes just as a round ends", async () => {
    const { insert, stored } = await openStore();
    for (let value = 0; value < 50; value++) {
      await insert(value);
      for (let turn = 0; turn < value % 7; turn++) await Promise.resolve();
    }
    expect(stored()).toHaveLength(50);
  });
});
