import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Rng } from "../../src/core/clock.ts";
import { systemClock } from "../../src/core/clock.ts";
import { auditLedger } from "../../src/credits/audit.ts";
import { buildFsyncShim, canBuildFsyncShim } from "../support/fsync-shim.ts";
import { seededRng } from "../support/hand-clock.ts";
import { temporaryDirectory } from "../support/ledger.ts";
import { query } from "../support/ledger-file.ts";
import type { LedgerWork, LedgerWorkLine } from "../support/ledger-worker.ts";
import { startTestWorker } from "../support/test-worker.ts";

const script = new URL("../support/ledger-worker.ts", import.meta.url);
const sectorBytes = 512;

interface Crash {
  /** What the process saw in its files. */
  readonly written: string;
  /** What had been synced. */
  readonly synced: string;
  readonly settled: readonly string[];
}

/** Spends until so many settlements are acknowledged, then dies in the middle of whatever comes next. */
async function crash(settledMin: number, environment: Record<string, string> = {}): Promise<Crash> {
  const directory = await temporaryDirectory();
  const [written, synced] = [join(directory, "written"), join(directory, "synced")];
  for (const path of [written, synced]) await mkdir(path);
  const work: LedgerWork = {
    path: join(written, "ledger.db"),
    work: "spend",
    amount: "1000",
    inFlight: 6,
    initialGrant: "9000000000000",
  };
  const worker = startTestWorker(script, work, {
    LD_PRELOAD: buildFsyncShim(directory),
    FSYNC_DIRECTORY: written,
    FSYNC_SHADOW: synced,
    ...environment,
  });
  await worker.until((line) => "ready" in (line as object));
  worker.send("go");
  const settledLines = () =>
    (worker.lines as LedgerWorkLine[]).flatMap((line) => ("settled" in line ? [line.settled] : []));
  await worker.until(() => settledLines().length >= settledMin);
  await worker.kill();
  return { written, synced, settled: settledLines() };
}

/** A disk on which some of what was written and not synced has arrived as well, sector by sector, in no order. */
async function arriveAtRandom(from: Crash, rng: Rng): Promise<string> {
  const directory = join(from.synced, "..", "arrived");
  await mkdir(directory);
  for (const name of await readdir(from.synced)) {
    const [synced, written] = await Promise.all([from.synced, from.written].map((path) => readFile(join(path, name))));
    if (!synced || !written) continue;
    const arrived = Buffer.alloc(Math.max(synced.length, written.length));
    synced.copy(arrived);
    for (let at = 0; at < written.length; at += sectorBytes) {
      if (rng.fraction() < 0.5) written.copy(arrived, at, at, at + sectorBytes);
    }
    await writeFile(join(directory, name), arrived);
  }
  return directory;
}

function lostOf(directory: string, settled: readonly string[]): string[] {
  const path = join(directory, "ledger.db");
  const stored = new Set(
    query<{ id: string }>(path, "SELECT id FROM hold WHERE state = 'settled'").map(({ id }) => id),
  );
  return settled.filter((id) => !stored.has(id));
}

describe.skipIf(!canBuildFsyncShim())("a power cut (needs Linux and a C compiler)", () => {
  it("that leaves only what was synced loses nothing that was acknowledged", async () => {
    for (const settledMin of [40, 90, 170]) {
      const { synced, settled } = await crash(settledMin);
      expect(lostOf(synced, settled)).toEqual([]);
      expect(auditLedger(join(synced, "ledger.db"), systemClock)).toMatchObject({ ok: true });
    }
  });

  it("that leaves some of what was not synced too, in no order, does no harm either", async () => {
    const rng = seededRng(3);
    // Past the thousand pages after which the log is copied into the file.
    const crashed = await crash(400);
    for (let round = 0; round < 5; round++) {
      const copy: Crash = { ...crashed, synced: join(await temporaryDirectory(), "synced") };
      await cp(crashed.synced, copy.synced, { recursive: true });
      const arrived = await arriveAtRandom(copy, rng);
      expect(lostOf(arrived, crashed.settled)).toEqual([]);
      expect(auditLedger(join(arrived, "ledger.db"), systemClock)).toMatchObject({ ok: true });
    }
  });

  it("on a disk that lies about its log would show", async () => {
    const { synced, settled } = await crash(60, { FSYNC_LIES: "-wal" });
    expect(settled.length).toBeGreaterThanOrEqual(60);
    let lost = settled;
    try {
      lost = lostOf(synced, settled);
    } catch {
      // Not even the schema has arrived.
    }
    expect(lost.length).toBeGreaterThan(0);
  });
});
