import { hash } from "node:crypto";
import type { NanoUsd } from "../core/money.ts";
import type { LedgerTransaction } from "./transaction.ts";

/**
 * Every way money moves.
 * - `grant`, `grant_expire`: money comes in, or goes unused past its date.
 * - `reserve`, `release`, `expire`: available becomes held and held becomes available; `expire` is a release that nobody asked for.
 * - `settle`: held becomes spent. `overage` and `late_settle` are spent without having been held.
 * - `refund`: spent becomes available. `cover`: a grant pays an older debt.
 */
export type EntryKind =
  | "grant"
  | "grant_expire"
  | "reserve"
  | "settle"
  | "overage"
  | "release"
  | "expire"
  | "late_settle"
  | "refund"
  | "cover";

export interface NewEntry {
  readonly kind: EntryKind;
  /** The leaf of the path that pays: a key's account, else the workspace's, else the pool's. */
  readonly account: string;
  readonly hold: bigint | null;
  readonly grant: bigint | null;
  readonly amount: NanoUsd;
}

export interface EntryRow {
  readonly seq: bigint;
  readonly kind: EntryKind;
  readonly account: string;
  readonly hold: bigint | null;
  readonly credit_grant: bigint | null;
  readonly amount: bigint;
  readonly at: bigint;
  readonly hash: Uint8Array;
}

/** What the first entry's hash is chained to. */
export const firstHash: Uint8Array = new Uint8Array(16);

/** Appends to the journal. Each entry's hash covers the one before it, so that a changed or missing entry shows. */
export function appendEntry(tx: LedgerTransaction, entry: NewEntry): void {
  const last = tx.sql.get<{ hash: Uint8Array }>("SELECT hash FROM entry ORDER BY seq DESC LIMIT 1");
  tx.sql.run(
    "INSERT INTO entry (kind, account, hold, credit_grant, amount, at, hash) VALUES (?, ?, ?, ?, ?, ?, ?)",
    entry.kind,
    entry.account,
    entry.hold,
    entry.grant,
    entry.amount,
    tx.now,
    entryHash(last?.hash ?? firstHash, entry, BigInt(tx.now)),
  );
}

/** The first 128 bits of SHA-256 over the previous hash and the entry's fields. */
export function entryHash(previous: Uint8Array, entry: NewEntry, at: bigint): Uint8Array {
  const fields = [entry.kind, entry.account, entry.hold ?? "", entry.grant ?? "", entry.amount, at].join("\n");
  return hash("sha256", Buffer.concat([previous, Buffer.from(fields)]), "buffer").subarray(0, 16);
}
