import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Caller, localCaller } from "../../src/core/caller.ts";
import { systemRng } from "../../src/core/clock.ts";
import { type NanoUsd, parseUsd } from "../../src/core/money.ts";
import { type Ledger, type LedgerOptions, openLedger } from "../../src/credits/ledger.ts";
import type { ReserveRequest } from "../../src/credits/reserve-request.ts";
import { type HandClock, handClock } from "./hand-clock.ts";

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
