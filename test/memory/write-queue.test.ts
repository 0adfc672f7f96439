import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it, onTestFinished } from "vitest";
import { systemClock, systemRng } from "../../src/core/clock.ts";
import { WriteQueue } from "../../src/memory/write-queue.ts";
import { temporaryDirectory } from "./open.ts";

function openTwo() {
  const path = join(temporaryDirectory(), "queue.db");
  const databases = [new DatabaseSync(path), new DatabaseSync(path)] as const;
  for (const database of databases) {
    database.exec("PRAGMA journal_mode = WAL; PRAGMA busy_timeout = 1");
    onTestFinished(() => database.close());
  }
  databases[0].exec("CREATE TABLE notes (text TEXT)");
  const [database, other] = databases;
  const texts = () =>
    other
      .prepare("SELECT text FROM notes ORDER BY rowid")
      .all()
      .map((row) => row.text);
  const add = (text: string) => () => database.prepare("INSERT INTO notes VALUES (?)").run(text).changes;
  return { database, other, texts, add, queue: new WriteQueue(database, systemClock, systemRng) };
}

describe("the write queue", () => {
  it("does what it is given in order, and undoes only the one that throws", async () => {
    const { queue, add, texts } = openTwo();
    const bad = queue.run(() => {
      add("half")();
      throw new Error("no");
    });
    const results = await Promise.allSettled([queue.run(add("a")), bad, queue.run(add("b"))]);
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(texts()).toEqual(["a", "b"]);
  });

  it("resolves only once the work is committed, so that others see it", async () => {
    const { queue, add, texts } = openTwo();
    await queue.run(add("a"));
    expect(texts()).toEqual(["a"]);
  });

  it("waits for another connection's lock without holding up the event loop", async () => {
    const { queue, add, texts, other } = openTwo();
    other.exec("BEGIN IMMEDIATE");
    const written = queue.run(add("a"));
    let turns = 0;
    while (turns < 20) {
      await new Promise((resolve) => setImmediate(resolve));
      turns += 1;
    }
    expect(texts()).toEqual([]);
    other.exec("COMMIT");
    await written;
    expect(texts()).toEqual(["a"]);
  });

  it("drops what is cancelled while it waits, and says so", async () => {
    const { queue, add, texts, other } = openTwo();
    other.exec("BEGIN IMMEDIATE");
    const controller = new AbortController();
    const cancelled = queue.run(add("a"), controller.signal);
    const kept = queue.run(add("b"));
    controller.abort();
    await expect(cancelled).rejects.toMatchObject({ code: "cancelled" });
    other.exec("COMMIT");
    await kept;
    expect(texts()).toEqual(["b"]);
  });

  it("gives up on a lock that is not given back, and keeps nothing", async () => {
    const { database, add, texts, other } = openTwo();
    let now = 0;
    // Each look at the clock is a second later.
    const clock = { ...systemClock, monotonicMs: () => (now += 1_000), sleep: async () => {} };
    const queue = new WriteQueue(database, clock, systemRng);
    other.exec("BEGIN IMMEDIATE");
    await expect(queue.run(add("a"))).rejects.toMatchObject({ code: "unavailable", retryable: true });
    other.exec("COMMIT");
    expect(texts()).toEqual([]);
  });
});
