import { execFile } from "node:child_process";
import { chmod, chown, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { openSqlite } from "../../src/store/sqlite.ts";
import { hasWalResetBug } from "../../src/store/sqlite-version.ts";
import { temporaryDirectory } from "../support/ledger.ts";

const options = { synchronous: "FULL", migrations: ["CREATE TABLE a (x)"], busyTimeoutMs: 0 } as const;

describe("hasWalResetBug", () => {
  it.each([
    ["3.6.23", false],
    ["3.7.0", true],
    ["3.44.5", true],
    ["3.44.6", false],
    ["3.45.1", true],
    ["3.50.6", true],
    ["3.50.7", false],
    ["3.51.2", true],
    ["3.51.3", false],
    ["3.53.4", false],
    ["4.0.0", false],
  ])("of SQLite %s is %s", (version, affected) => {
    expect(hasWalResetBug(version)).toBe(affected);
  });
});

describe("openSqlite", () => {
  it("waits no longer than it is told to for a file that another holds for itself", async () => {
    const path = join(await temporaryDirectory(), "store.db");
    openSqlite(path, options).close();
    const holder = new DatabaseSync(path);
    holder.exec("PRAGMA locking_mode = EXCLUSIVE");
    holder.exec("BEGIN IMMEDIATE; COMMIT");
    expect(() => openSqlite(path, { ...options, openWaitMs: 20 })).toThrow(/is locked by another process/);
    holder.close();
    openSqlite(path, { ...options, openWaitMs: 20 }).close();
  });

  it("creates the directory and the schema, runs what a new file needs once, and migrates an older file", async () => {
    const path = join(await temporaryDirectory(), "a", "b", "store.db");
    let created = 0;
    const onCreate = () => {
      created++;
    };
    openSqlite(path, { ...options, onCreate }).close();
    openSqlite(path, { ...options, onCreate }).close();
    const newer = { ...options, migrations: [...options.migrations, "ALTER TABLE a ADD COLUMN y"], onCreate };
    const database = openSqlite(path, newer);
    expect(database.prepare("SELECT x, y FROM a").all()).toEqual([]);
    database.close();
    expect(created).toBe(1);
  });

  it("is opened by processes that come together, each of which waits for the others", async () => {
    const module = JSON.stringify(new URL("../../src/store/sqlite.ts", import.meta.url).href);
    const script = `
      const { openSqlite } = await import(${module});
      const [directory, count] = process.argv.slice(1);
      for (let at = 0; at < Number(count); at += 1) {
        const migrations = ["CREATE TABLE a (x)", "CREATE TABLE b (x)"];
        openSqlite(directory + "/" + at + ".db", { synchronous: "NORMAL", migrations, busyTimeoutMs: 0, canShrink: true }).close();
      }`;
    const directory = await temporaryDirectory();
    const open = () => promisify(execFile)(process.execPath, ["--input-type=module", "-e", script, directory, "300"]);
    await Promise.all(Array.from({ length: 6 }, open));
  });

  it("leaves nothing behind when a migration fails, and the next open starts over", async () => {
    const path = join(await temporaryDirectory(), "store.db");
    const broken = { ...options, migrations: [...options.migrations, "CREATE TABLE nonsense ("] };
    expect(() => openSqlite(path, broken)).toThrow("cannot be opened");
    const database = openSqlite(path, options);
    expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: 1 });
    database.close();
  });

  it("refuses a file of a newer version by name", async () => {
    const path = join(await temporaryDirectory(), "store.db");
    openSqlite(path, { ...options, migrations: ["SELECT 1", "SELECT 2"] }).close();
    expect(() => openSqlite(path, options)).toThrow(`${path} has schema 2, newer than this Switchyard knows (1)`);
  });

  it("refuses a file that is not a database and leaves it as it was", async () => {
    const path = join(await temporaryDirectory(), "store.db");
    const text = "this is a letter, not a database; it is longer than a header\n".repeat(20);
    await writeFile(path, text);
    expect(() => openSqlite(path, options)).toThrow("is damaged: its contents are not a valid database");
    expect(await readFile(path, "utf8")).toBe(text);
  });

  it("refuses a directory in the file's place", async () => {
    expect(() => openSqlite("/", options)).toThrow("cannot be opened");
  });

  it("says that a file is read-only when it must write to it", async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, "store.db");
    const empty = new DatabaseSync(path);
    empty.exec("CREATE TABLE other (x)");
    empty.close();
    await chmod(path, 0o444);
    await chmod(directory, 0o555);
    const asNobody = process.getuid?.() === 0;
    // Root writes through permissions; what the server would run as does not.
    if (asNobody) await chown(directory, 65534, 65534);
    if (asNobody) process.seteuid?.(65534);
    try {
      expect(() => openSqlite(path, options)).toThrow(/is read-only|cannot be opened/);
    } finally {
      if (asNobody) process.seteuid?.(0);
      await chmod(directory, 0o755);
    }
  });
});
