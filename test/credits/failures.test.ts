import { chmod, chown } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { localCaller } from "../../src/core/caller.ts";
import { systemClock, systemRng } from "../../src/core/clock.ts";
import { auditLedger } from "../../src/credits/audit.ts";
import { openLedger } from "../../src/credits/ledger.ts";
import { infer, temporaryDirectory, temporaryLedger, usd } from "../support/ledger.ts";
import { damagePages, damageTable, query } from "../support/ledger-file.ts";
import type { LedgerWork, LedgerWorkLine } from "../support/ledger-worker.ts";
import { startTestWorker } from "../support/test-worker.ts";

const script = new URL("../support/ledger-worker.ts", import.meta.url);

/** Runs as a user whom file permissions stop. */
function asOrdinaryUser(): void {
  if (process.getuid?.() !== 0) return;
  process.seteuid?.(65534);
  onTestFinished(() => process.seteuid?.(0));
}

describe("a ledger file that fails", () => {
  it("because it is read-only refuses to reserve and says why", async () => {
    const { ledger, path } = await temporaryLedger();
    await ledger.close();
    const directory = dirname(path);
    if (process.getuid?.() === 0) for (const file of [directory, path]) await chown(file, 65534, 65534);
    await chmod(path, 0o444);
    asOrdinaryUser();
    const reopened = openLedger({ path, clock: systemClock, rng: systemRng });
    onTestFinished(() => reopened.close());
    await expect(reopened.reserve(infer("1"))).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("cannot be written: the file or its directory is read-only"),
    });
    expect(await reopened.balance(localCaller)).toMatchObject({ available: usd("10"), held: 0n });
  });

  async function closedLedger(): Promise<string> {
    const { ledger, path } = await temporaryLedger();
    for (let count = 0; count < 50; count++) await ledger.reserve(infer("0.01"));
    await ledger.close();
    return path;
  }

  const damaged = { code: "unavailable", retryable: false, message: expect.stringContaining("is damaged") };

  it("because a table is damaged refuses to guess and names the file", async () => {
    const path = await closedLedger();
    await damageTable(path, "credit_grant");
    const reopened = openLedger({ path, clock: systemClock, rng: systemRng });
    onTestFinished(() => reopened.close());
    await expect(reopened.reserve(infer("0.01"))).rejects.toMatchObject(damaged);
    await expect(reopened.balance(localCaller)).rejects.toMatchObject(damaged);
  });

  it("because most of it is damaged is not opened", async () => {
    const path = await closedLedger();
    const [pages] = query<{ page_count: bigint }>(path, "PRAGMA page_count");
    await damagePages(path, 2, Number(pages?.page_count));
    expect(() => openLedger({ path, clock: systemClock, rng: systemRng })).toThrow(`${path} is damaged`);
  });

  it("because the disk is full refuses, counts nothing that it did not keep, and works again when there is room", async () => {
    const path = join(await temporaryDirectory(), "ledger.db");
    const work: LedgerWork = { path, work: "spend", amount: "1000", inFlight: 4, initialGrant: "9000000000000" };
    // A limit on the size of files is a disk with that much room: no write beyond it succeeds.
    const worker = startTestWorker(script, work, {}, ["/bin/sh", "-c", 'ulimit -f 2500; exec "$0" "$@"']);
    await worker.until((line) => "ready" in (line as object));
    worker.send("go");
    expect(await worker.ended).toBe(0);
    const lines = worker.lines as LedgerWorkLine[];
    expect(lines.filter((line) => "refused" in line)).toEqual(Array(4).fill({ refused: "unavailable" }));
    const settled = lines.flatMap((line) => ("settled" in line ? [line.settled] : []));
    expect(settled.length).toBeGreaterThan(20);
    const stored = query<{ id: string }>(path, "SELECT id FROM hold WHERE state = 'settled'").map(({ id }) => id);
    expect(stored).toEqual(expect.arrayContaining(settled));
    expect(auditLedger(path, systemClock)).toMatchObject({ ok: true });
    const reopened = openLedger({ path, clock: systemClock, rng: systemRng });
    onTestFinished(() => reopened.close());
    await reopened.settle((await reopened.reserve(infer("0.01"))).id, { actual: usd("0.01") });
  });

  it("cannot have its entries changed or removed", async () => {
    const { ledger, path } = await temporaryLedger();
    await ledger.reserve(infer("1"));
    expect(() => query(path, "UPDATE entry SET amount = 0")).toThrow("append-only");
    expect(() => query(path, "DELETE FROM entry")).toThrow("append-only");
  });

  it("cannot be made to hold balances that do not add up", async () => {
    const { ledger, path } = await temporaryLedger();
    await ledger.reserve(infer("1"));
    for (const change of ["held = 11000000000", "spent = -1", "granted = 0", "debt = 1", "held = 1.5"]) {
      expect(() => query(path, `UPDATE account SET ${change} WHERE id = 'pool'`)).toThrow(/constraint|cannot store/);
    }
  });
});
