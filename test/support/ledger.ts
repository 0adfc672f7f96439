import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { onTestFinished } from "vitest";
import { type Caller, localCaller } from "../../src/core/caller.ts";
import { type Clock, type Rng, systemClock, systemRng } from "../../src/core/clock.ts";
import { type NanoUsd, parseUsd } from "../../src/core/money.ts";
import { type Ledger, type LedgerOptions, openLedger } from "../../src/credits/ledger.ts";
import type { ReserveRequest } from "../../src/credits/reserve-request.ts";

/** A wall clock that tests set; waiting is real, so that nothing hangs. */
export interface HandClock extends Clock {
  set(epochMs: number): void;
  advance(ms: number): void;
}

export function handClock(startMs: number): HandClock {
  let now = startMs;
  return {
    ...systemClock,
    now: () => now,
    set: (epochMs) => {
      now = epochMs;
    },
    advance: (ms) => {
      now += ms;
    },
  };
}

/** Random bytes from a seed (SplitMix), so that a failing run can be repeated. */
export function seededRng(seed: number): Rng {
  let state = BigInt(seed);
  const next = () => {
    state = (state + 0x9e3779b97f4a7c15n) & 0xffffffffffffffffn;
    let value = state;
    value = ((value ^ (value >> 30n)) * 0xbf58476d1ce4e5b9n) & 0xffffffffffffffffn;
    value = ((value ^ (value >> 27n)) * 0x94d049bb133111ebn) & 0xffffffffffffffffn;
    return value ^ (value >> 31n);
  };
  return {
    bytes: (length) => Uint8Array.from({ length }, () => Number(next() & 0xffn)),
    fraction: () => Number(next() >> 11n) / 2 ** 53,
  };
}

/** A directory of the test's own, gone after it. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "switchyard-ledger-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

export interface OpenedLedger {
  readonly ledger: Ledger;
  readonly path: string;
  readonly clock: HandClock;
}

/** A ledger in a directory of its own, closed after the test. The pool starts with $10 unless the test says otherwise. */
export async function temporaryLedger(options: Partial<LedgerOptions> = {}): Promise<OpenedLedger> {
  const clock = handClock(Date.UTC(2026, 10, 22, 12));
  const path = options.path ?? join(await temporaryDirectory(), "ledger.db");
  const ledger = openLedger({ path, clock, rng: systemRng, initialGrant: usd("10"), background: false, ...options });
  onTestFinished(() => ledger.close());
  return { ledger, path, clock };
}

export const usd = (text: string): NanoUsd => parseUsd(text);

/** A reservation for an inference call of the local user, changed as a test needs. */
export function infer(amount: string, more: Partial<ReserveRequest> = {}): ReserveRequest {
  return { caller: localCaller, amount: usd(amount), charge: { tool: "infer" }, ...more };
}

export function keyCaller(key: string, workspace = "default"): Caller {
  return { ...localCaller, workspace, key };
}

/** Reads the file past the ledger's own code. */
export function query<R>(path: string, sql: string, ...values: (string | number | bigint)[]): R[] {
  const database = new DatabaseSync(path);
  try {
    const statement = database.prepare(sql);
    statement.setReadBigInts(true);
    return statement.all(...values) as R[];
  } finally {
    database.close();
  }
}

/** Overwrites pages of a closed file with nonsense, from the first byte of one to the last of another. */
export async function damagePages(path: string, firstPage: number, lastPage: number): Promise<void> {
  const pageBytes = 4096;
  const file = await open(path, "r+");
  const bytes = (lastPage - firstPage + 1) * pageBytes;
  await file.write(Buffer.alloc(bytes, 0xa5), 0, bytes, (firstPage - 1) * pageBytes);
  await file.close();
}

/** Overwrites the root page of a table of a closed file. */
export async function damageTable(path: string, table: string): Promise<void> {
  const [root] = query<{ rootpage: bigint }>(path, "SELECT rootpage FROM sqlite_schema WHERE name = ?", table);
  await damagePages(path, Number(root?.rootpage), Number(root?.rootpage));
}
