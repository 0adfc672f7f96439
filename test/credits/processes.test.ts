import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { temporaryDirectory } from "../support/ledger.ts";
import { query } from "../support/ledger-file.ts";
import type { LedgerWork, LedgerWorkLine } from "../support/ledger-worker.ts";
import type { Worker } from "../support/processes.ts";
import { startTestWorker } from "../support/test-worker.ts";

const script = new URL("../support/ledger-worker.ts", import.meta.url);
const start = (work: LedgerWork): Worker => startTestWorker(script, work);
const linesOf = (workers: readonly Worker[]) => workers.flatMap((worker) => worker.lines as LedgerWorkLine[]);
const isReady = (line: unknown) => "ready" in (line as object);

interface PoolRow {
  granted: bigint;
  held: bigint;
  spent: bigint;
}
const poolOf = (path: string) => query<PoolRow>(path, "SELECT * FROM account WHERE id = 'pool'")[0];

describe("several processes on one ledger", () => {
  it("never hold more than there is when they reserve at once, and use it to the last nano-dollar", async () => {
    const path = join(await temporaryDirectory(), "ledger.db");
    // 1,000 reservations of 7 fit into 7,003, whoever gets them; one of 7 more does not.
    const work: LedgerWork = { path, work: "reserve", amount: "7", inFlight: 8, initialGrant: "7003" };
    const workers = [start(work), start(work), start(work)];
    await Promise.all(workers.map((worker) => worker.until(isReady)));
    for (const worker of workers) worker.send("go");
    await Promise.all(workers.map((worker) => worker.ended));

    const lines = linesOf(workers);
    const held = lines.flatMap((line) => ("held" in line ? [line.held] : []));
    expect(held).toHaveLength(1_000);
    expect(new Set(held)).toHaveLength(1_000);
    expect(lines.flatMap((line) => ("refused" in line ? [line.refused] : []))).toEqual(
      Array(24).fill("insufficient_credits"),
    );
    expect(poolOf(path)).toMatchObject({ granted: 7_003n, held: 7_000n, spent: 0n });
  });

  it("each get a share of the lock when eight want it all the time", async () => {
    const path = join(await temporaryDirectory(), "ledger.db");
    const work: LedgerWork = { path, work: "reserve", amount: "1", inFlight: 4, initialGrant: "8000" };
    const workers = Array.from({ length: 8 }, () => start(work));
    await Promise.all(workers.map((worker) => worker.until(isReady)));
    for (const worker of workers) worker.send("go");
    await Promise.all(workers.map((worker) => worker.ended));
    const shares = workers.map((worker) => linesOf([worker]).filter((line) => "held" in line).length);
    expect(shares.reduce((sum, share) => sum + share, 0)).toBe(8_000);
    // A lock that goes to whoever asks first leaves the unlucky with next to nothing.
    expect(Math.min(...shares)).toBeGreaterThan(8_000 / 8 / 4);
  });

  it("grant the initial credit exactly once when they create the ledger together", async () => {
    const path = join(await temporaryDirectory(), "new", "ledger.db");
    const work: LedgerWork = { path, work: "open", amount: "0", inFlight: 0, initialGrant: "10000000000" };
    const workers = Array.from({ length: 6 }, () => start(work));
    expect(await Promise.all(workers.map((worker) => worker.ended))).toEqual(Array(6).fill(0));
    expect(linesOf(workers)).toEqual(Array(6).fill({ granted: "10000000000" }));
    expect(query(path, "SELECT amount FROM credit_grant")).toEqual([{ amount: 10_000_000_000n }]);
  });

  it("lose no acknowledged settlement when they are killed with SIGKILL", async () => {
    const path = join(await temporaryDirectory(), "ledger.db");
    const work: LedgerWork = { path, work: "spend", amount: "1000", inFlight: 6, initialGrant: "9000000000000" };
    const all: Worker[] = [];
    for (let round = 0; round < 4; round++) {
      const workers = [start(work), start(work)];
      all.push(...workers);
      await Promise.all(workers.map((worker) => worker.until(isReady)));
      for (const worker of workers) worker.send("go");
      const settledMin = 40 + 30 * round;
      await Promise.all(
        workers.map(async (worker) => {
          await worker.until(() => worker.lines.filter((line) => "settled" in (line as object)).length >= settledMin);
          await worker.kill();
        }),
      );
    }

    const stored = new Map(
      query<{ id: string; state: string; actual: bigint | null; amount: bigint }>(path, "SELECT * FROM hold").map(
        (hold) => [hold.id, hold],
      ),
    );
    const lines = linesOf(all);
    const settled = lines.flatMap((line) => ("settled" in line ? [line.settled] : []));
    expect(settled.length).toBeGreaterThanOrEqual(2 * (40 + 70 + 100 + 130));
    for (const id of settled) expect(stored.get(id)).toMatchObject({ state: "settled", actual: 999n });
    for (const line of lines) if ("held" in line) expect(stored.has(line.held)).toBe(true);
    const open = [...stored.values()].filter((hold) => hold.state === "held");
    const pool = poolOf(path);
    expect(pool?.held).toBe(1000n * BigInt(open.length));
    expect(pool?.spent).toBe(999n * BigInt(stored.size - open.length));
    expect(query(path, "PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
  });
});
