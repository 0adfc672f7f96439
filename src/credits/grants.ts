import { isoTime } from "../core/clock.ts";
import { SwitchyardError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import { creditLimits } from "../core/limits.ts";
import { formatUsd, type NanoUsd } from "../core/money.ts";
import { type AccountRow, changePool, poolAccount, workspaceAccount } from "./accounts.ts";
import { checkAmount, checkText, smaller } from "./amounts.ts";
import { appendEntry } from "./entries.ts";
import type { LedgerTransaction } from "./transaction.ts";

/** Money to be added to the pool. */
export interface NewGrant {
  readonly amount: NanoUsd;
  /** Only this workspace may spend it; absent: every workspace. */
  readonly workspace?: string | undefined;
  /** `promotional` money is spent before other money of the same priority and expiry. */
  readonly category?: string | undefined;
  readonly note?: string | undefined;
  /** 0 to 100, lower is spent first; 50 when absent. */
  readonly priority?: number | undefined;
  /** Milliseconds since the epoch; absent: now. */
  readonly effectiveAt?: number | undefined;
  /** Milliseconds since the epoch; absent: never. */
  readonly expiresAt?: number | undefined;
  /** The same key grants once. */
  readonly idempotencyKey?: string | undefined;
}

/** A share of a hold or of a charge that one grant carries; `null` is debt. */
export interface GrantPart {
  readonly grant: bigint | null;
  readonly amount: NanoUsd;
}

interface GrantRow {
  readonly seq: bigint;
  readonly id: string;
  readonly amount: bigint;
  readonly effective_at: bigint;
  readonly expires_at: bigint | null;
}

const priorityDefault = 50;
const categoryDefault = "paid";
const newest = Number.MAX_SAFE_INTEGER;

/**
 * Adds a grant, or finds the one its idempotency key already made.
 * @throws invalid_request for an amount, date or priority that makes no sense; conflict for a used key with another amount.
 */
export function addGrant(tx: LedgerTransaction, grant: NewGrant): { readonly id: string } {
  const amount = checkAmount(grant.amount, "amount", 1n);
  const { priority = priorityDefault, effectiveAt = tx.now, expiresAt, idempotencyKey } = grant;
  checkDates(tx.now, effectiveAt, expiresAt);
  checkPriority(priority);
  for (const [field, text] of Object.entries({
    workspace: grant.workspace,
    category: grant.category,
    note: grant.note,
  })) {
    if (text !== undefined) checkText(text, field, creditLimits.nameCharactersMax);
  }
  const known = idempotencyKey === undefined ? undefined : knownGrant(tx, idempotencyKey, amount);
  if (known) return known;
  checkRoomForGrant(tx, amount);
  const id = newId("grant", tx.rng);
  tx.sql.run(
    `INSERT INTO credit_grant (id, idem, workspace, amount, state, priority, category, note, effective_at, expires_at, created_at)
     VALUES (?, ?, ?, ?, 'scheduled', ?, ?, ?, ?, ?, ?)`,
    id,
    idempotencyKey ?? null,
    grant.workspace ?? null,
    amount,
    priority,
    grant.category ?? categoryDefault,
    grant.note ?? null,
    effectiveAt,
    expiresAt ?? null,
    tx.now,
  );
  accrue(tx);
  return { id };
}

/** Whether a grant has come into effect or run out since the books last looked. */
export function isAccrualDue(tx: LedgerTransaction): boolean {
  const due = tx.sql.get(
    `SELECT 1 WHERE EXISTS (SELECT 1 FROM credit_grant WHERE state = 'scheduled' AND effective_at <= ?)
     OR EXISTS (SELECT 1 FROM credit_grant WHERE state = 'active' AND expires_at IS NOT NULL AND expires_at <= ?)`,
    tx.now,
    tx.now,
  );
  return due !== undefined;
}

/** Brings grants into effect and takes expired money out, as entries. Money that is held stays with its hold. */
export function accrue(tx: LedgerTransaction): void {
  if (!isAccrualDue(tx)) return;
  const starting = tx.sql.all<GrantRow>(
    "SELECT * FROM credit_grant WHERE state = 'scheduled' AND effective_at <= ? ORDER BY seq",
    tx.now,
  );
  for (const grant of starting) {
    tx.sql.run("UPDATE credit_grant SET state = 'active' WHERE seq = ?", grant.seq);
    changePool(tx, { granted: grant.amount });
    appendEntry(tx, { kind: "grant", account: poolAccount, hold: null, grant: grant.seq, amount: grant.amount });
  }
  const ending = tx.sql.all<{ seq: bigint; unused: bigint }>(
    `SELECT seq, amount - held - used - expired AS unused FROM credit_grant
     WHERE state = 'active' AND expires_at IS NOT NULL AND expires_at <= ? ORDER BY seq`,
    tx.now,
  );
  for (const { seq, unused } of ending) {
    tx.sql.run(
      "UPDATE credit_grant SET state = 'expired', expired = expired + ?, is_open = 0 WHERE seq = ?",
      unused,
      seq,
    );
    expireUnused(tx, seq, unused);
  }
  coverDebts(tx);
  if (starting.length > 0) tx.sql.run("UPDATE account SET filled = granted - spent - expired WHERE id = 'pool'");
}

/** What there is in these grants. */
export function sumOf(grants: readonly GrantPart[]): NanoUsd {
  return grants.reduce((sum, grant) => sum + grant.amount, 0n);
}

/** Takes `amount` from grants in their order. The parts sum to less when there is not enough. */
export function takeFrom(grants: readonly GrantPart[], amount: NanoUsd): GrantPart[] {
  const parts: GrantPart[] = [];
  let missing = amount;
  for (const { grant, amount: left } of missing > 0n ? grants : []) {
    const part = smaller(left, missing);
    parts.push({ grant, amount: part });
    missing -= part;
    if (missing === 0n) break;
  }
  return parts;
}

/** Changes what is held of, and used from, one grant. Money given back to an expired grant expires. */
export function changeGrant(tx: LedgerTransaction, grant: bigint, change: { held?: NanoUsd; used?: NanoUsd }): void {
  const { held = 0n, used = 0n } = change;
  const givenBack = -(held + used);
  const row = tx.sql.get<{ state: string; is_open: bigint; has_money: bigint }>(
    `UPDATE credit_grant SET held = held + ?, used = used + ?,
       expired = expired + CASE WHEN state = 'expired' THEN ? ELSE 0 END
     WHERE seq = ? RETURNING state, is_open, amount > held + used + expired AS has_money`,
    held,
    used,
    givenBack,
    grant,
  );
  if (row && row.is_open !== row.has_money) {
    tx.sql.run("UPDATE credit_grant SET is_open = ? WHERE seq = ?", row.has_money, grant);
  }
  if (row?.state === "expired") expireUnused(tx, grant, givenBack);
}

/** Pays debts with money that has become free. Nothing to do but look, nearly always. */
export function coverDebts(tx: LedgerTransaction): void {
  const pool = tx.sql.get<Pick<AccountRow, "debt">>("SELECT debt FROM account WHERE id = 'pool'");
  if (!pool || pool.debt === 0n) return;
  const owing = tx.sql.all<Pick<AccountRow, "id" | "debt">>(
    "SELECT id, debt FROM account WHERE kind = 'workspace' AND debt > 0 ORDER BY id",
  );
  for (const { id, debt } of owing) {
    for (const { grant, amount } of takeFrom(drawableGrants(tx, id.slice(workspaceAccount("").length)), debt)) {
      if (grant === null) continue;
      changeGrant(tx, grant, { used: amount });
      tx.sql.run("UPDATE account SET debt = debt - ? WHERE id IN ('pool', ?)", amount, id);
      appendEntry(tx, { kind: "cover", account: id, hold: null, grant, amount });
    }
  }
}

/** What a workspace can still draw on, in the order in which it is used up. */
export function drawableGrants(tx: LedgerTransaction, workspace: string): GrantPart[] {
  return tx.sql.all<{ grant: bigint; amount: bigint }>(
    `SELECT seq AS grant, amount - held - used - expired AS amount FROM credit_grant
     WHERE state = 'active' AND is_open = 1 AND amount > held + used + expired AND (workspace IS NULL OR workspace = ?)
     ORDER BY priority, coalesce(expires_at, ?), category <> 'promotional', effective_at, seq`,
    workspace,
    newest,
  );
}

function expireUnused(tx: LedgerTransaction, grant: bigint, amount: NanoUsd): void {
  if (amount === 0n) return;
  changePool(tx, { expired: amount });
  appendEntry(tx, { kind: "grant_expire", account: poolAccount, hold: null, grant, amount });
}

function knownGrant(tx: LedgerTransaction, idem: string, amount: NanoUsd): { readonly id: string } | undefined {
  checkText(idem, "idempotency_key", creditLimits.idempotencyKeyCharactersMax);
  const known = tx.sql.get<GrantRow>("SELECT * FROM credit_grant WHERE idem = ?", idem);
  if (!known) return undefined;
  if (known.amount === amount) return { id: known.id };
  throw new SwitchyardError(
    "conflict",
    `this idempotency key already granted ${formatUsd(known.amount)}, not ${formatUsd(amount)}`,
    { next: "Use a new key for a new grant", details: { grant: known.id, amount: formatUsd(known.amount) } },
  );
}

/** The pool's sums must stay within 64 bits with room to spare. */
function checkRoomForGrant(tx: LedgerTransaction, amount: NanoUsd): void {
  const pool = tx.sql.get<{ total: bigint }>(
    `SELECT (SELECT granted FROM account WHERE id = 'pool')
       + (SELECT coalesce(sum(amount), 0) FROM credit_grant WHERE state = 'scheduled') AS total`,
  );
  if ((pool?.total ?? 0n) + amount <= creditLimits.poolNanoUsdMax) return;
  throw new SwitchyardError(
    "invalid_request",
    `the pool may be granted ${formatUsd(creditLimits.poolNanoUsdMax)} US dollars in all, and this would pass it`,
    { next: "Grant less", details: { granted: formatUsd(pool?.total ?? 0n), amount: formatUsd(amount) } },
  );
}

function checkDates(now: number, effectiveAt: number, expiresAt: number | undefined): void {
  const refuse = (message: string, field: string) => {
    throw new SwitchyardError("invalid_request", message, { next: `Give another ${field}`, details: { field } });
  };
  for (const [field, time] of [["effective_at", effectiveAt] as const, ["expires_at", expiresAt ?? now] as const]) {
    if (!Number.isSafeInteger(time) || Math.abs(time) > 8.64e15) refuse(`${field} is not a time`, field);
  }
  if (expiresAt === undefined) return;
  if (expiresAt <= now) refuse(`the grant would expire at ${isoTime(expiresAt)}, which is past`, "expires_at");
  if (expiresAt <= effectiveAt) refuse("the grant would expire before it takes effect", "expires_at");
}

function checkPriority(priority: number): void {
  if (Number.isInteger(priority) && priority >= 0 && priority <= 100) return;
  throw new SwitchyardError("invalid_request", `priority must be a whole number from 0 to 100, not ${priority}`, {
    next: "Give a priority from 0 (spent first) to 100",
    details: { field: "priority" },
  });
}
