import type { NanoUsd } from "../core/money.ts";
import { type AccountRow, changePath, leafAccount, workspaceAccount } from "./accounts.ts";
import { smaller } from "./amounts.ts";
import { appendEntry } from "./entries.ts";
import { accrue, changeGrant, coverDebts, type GrantPart } from "./grants.ts";
import { type HoldRow, holdPath } from "./holds.ts";
import type { LedgerTransaction } from "./transaction.ts";

/**
 * Returns a part of what a hold was charged to the grants that paid for it, last payer first. Money of a grant that has
 * expired since expires again. The caller sees to it that `amount` is no more than was charged.
 */
export function giveBack(tx: LedgerTransaction, hold: HoldRow, amount: NanoUsd): void {
  if (amount === 0n) return;
  accrue(tx);
  const path = holdPath(hold);
  const parts = choosePayers(tx, hold, amount);
  const debt = parts.reduce((sum, part) => (part.grant === null ? sum + part.amount : sum), 0n);
  changePath(tx, path, { spent: -amount, debt: -debt });
  for (const part of parts) {
    if (part.grant !== null) changeGrant(tx, part.grant, { used: -part.amount });
    appendEntry(tx, { kind: "refund", account: leafAccount(path), hold: hold.seq, ...part });
  }
  coverDebts(tx);
}

function choosePayers(tx: LedgerTransaction, hold: HoldRow, amount: NanoUsd): GrantPart[] {
  const paid = tx.sql.all<{ grant: bigint | null; amount: bigint }>(
    `SELECT credit_grant AS "grant", sum(CASE kind WHEN 'refund' THEN -amount ELSE amount END) AS amount FROM entry
     WHERE hold = ? AND kind IN ('settle', 'overage', 'late_settle', 'refund')
     GROUP BY credit_grant ORDER BY max(seq) DESC`,
    hold.seq,
  );
  let missing = amount;
  const parts: GrantPart[] = [];
  const take = (grant: bigint | null, most: NanoUsd) => {
    const part = smaller(missing, most);
    if (part <= 0n) return;
    parts.push({ grant, amount: part });
    missing -= part;
  };
  for (const { grant, amount: most } of paid) if (grant !== null) take(grant, most);
  // What no grant paid at the time is either still owed, or was covered since by grants that came later.
  if (missing > 0n) take(null, workspaceDebt(tx, hold.workspace));
  for (const { grant, used, covered } of missing > 0n ? coveringGrants(tx, hold.workspace) : []) {
    const taken = parts.find((part) => part.grant === grant)?.amount ?? 0n;
    take(grant, smaller(covered, used - taken));
  }
  if (missing > 0n) throw new Error(`${missing} nano-dollars of a refund have nowhere to go`);
  return mergeParts(parts);
}

function workspaceDebt(tx: LedgerTransaction, workspace: string): NanoUsd {
  const row = tx.sql.get<Pick<AccountRow, "debt">>(
    "SELECT debt FROM account WHERE id = ?",
    workspaceAccount(workspace),
  );
  return row?.debt ?? 0n;
}

function coveringGrants(
  tx: LedgerTransaction,
  workspace: string,
): { readonly grant: bigint; readonly used: NanoUsd; readonly covered: NanoUsd }[] {
  return tx.sql.all(
    `SELECT credit_grant AS "grant", used, sum(entry.amount) AS covered
     FROM entry JOIN credit_grant ON credit_grant.seq = entry.credit_grant
     WHERE kind = 'cover' AND account = ? GROUP BY credit_grant ORDER BY max(entry.seq) DESC`,
    workspaceAccount(workspace),
  );
}

/** One entry for each grant, whichever of its payments goes back. */
function mergeParts(parts: readonly GrantPart[]): GrantPart[] {
  const sums = new Map<bigint | null, NanoUsd>();
  for (const { grant, amount } of parts) sums.set(grant, (sums.get(grant) ?? 0n) + amount);
  return [...sums].map(([grant, amount]) => ({ grant, amount }));
}
