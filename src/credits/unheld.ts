import type { NanoUsd } from "../core/money.ts";
import { changePath, leafAccount } from "./accounts.ts";
import { appendEntry, type EntryKind } from "./entries.ts";
import { changeGrant, drawableGrants, takeFrom } from "./grants.ts";
import { type HoldRow, holdPath } from "./holds.ts";
import type { LedgerTransaction } from "./transaction.ts";

/** Charges what no hold covered to whatever grants there are; the rest is debt, which the next money pays first. */
export function chargeUnheld(
  tx: LedgerTransaction,
  hold: HoldRow,
  amount: NanoUsd,
  kind: Extract<EntryKind, "overage" | "late_settle">,
): void {
  if (amount === 0n) return;
  const path = holdPath(hold);
  const parts = takeFrom(drawableGrants(tx, hold.workspace), amount);
  const debt = parts.reduce((unpaid, part) => unpaid - part.amount, amount);
  changePath(tx, path, { spent: amount, debt });
  for (const part of debt > 0n ? [...parts, { grant: null, amount: debt }] : parts) {
    if (part.grant !== null) changeGrant(tx, part.grant, { used: part.amount });
    appendEntry(tx, { kind, account: leafAccount(path), hold: hold.seq, ...part });
  }
}
