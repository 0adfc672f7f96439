import type { Caller } from "../core/caller.ts";
import { SwitchyardError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import { canonicalJson } from "../core/json.ts";
import { creditLimits } from "../core/limits.ts";
import type { NanoUsd } from "../core/money.ts";
import { type AccountPath, changePath, leafAccount, pathOf } from "./accounts.ts";
import { checkAmount, checkText } from "./amounts.ts";
import { balanceOf } from "./balance.ts";
import type { CallBudget, Charge } from "./budget.ts";
import { budgetState, budgetsFor, changeBudgets, fitBudgets, openCallBudget } from "./budgets.ts";
import { appendEntry } from "./entries.ts";
import { accrue, changeGrant, chooseGrants, drawable, type GrantPart } from "./grants.ts";
import type { HoldRow, HoldState } from "./holds.ts";
import { insufficientCredits } from "./refusal.ts";
import type { LedgerTransaction } from "./transaction.ts";

/** A request to set money aside before a call is made. */
export interface ReserveRequest {
  readonly caller: Caller;
  /** The worst case of the call. Zero is allowed and still leaves a record. */
  readonly amount: NanoUsd;
  /** Take what there is, from this up to `amount`: one commit that clamps and reserves. Absent: `amount` or nothing. */
  readonly atLeast?: NanoUsd | undefined;
  readonly charge: Charge;
  /** The caller's key for this request; the same key finds the same hold again. Keys of different callers never meet. */
  readonly idempotencyKey?: string | undefined;
  /** What the key stands for: another hash under the same key is a conflict. */
  readonly requestHash?: string | undefined;
  /** The caller's own budget for everything it names the same scope for: a session, a task. */
  readonly budget?: CallBudget | undefined;
  readonly leaseMs?: number | undefined;
  /** Bytes leave right after this; saves a second commit. */
  readonly dispatched?: boolean | undefined;
}

/** Money set aside for one call. */
export interface Hold {
  readonly id: string;
  readonly amount: NanoUsd;
  readonly state: HoldState;
  /** The idempotency key was known: this is the hold of the first request. */
  readonly replayed: boolean;
}

/** @throws invalid_request when a request cannot be recorded as it is. */
export function checkReserveRequest(request: ReserveRequest): void {
  checkAmount(request.amount, "amount");
  if (request.atLeast !== undefined) checkAmount(request.atLeast, "at_least");
  if (request.budget) {
    checkText(request.budget.scope, "budget.scope", creditLimits.nameCharactersMax);
    checkAmount(request.budget.limit, "budget.limit");
  }
  if (request.idempotencyKey !== undefined) {
    checkText(request.idempotencyKey, "idempotency_key", creditLimits.idempotencyKeyCharactersMax);
  }
  const { leaseMs = creditLimits.holdLeaseMs } = request;
  if (!Number.isSafeInteger(leaseMs) || leaseMs < 1 || leaseMs > creditLimits.holdLeaseMsMax) {
    throw new SwitchyardError("invalid_request", `a lease is 1 to ${creditLimits.holdLeaseMsMax} ms, not ${leaseMs}`, {
      next: "Give a shorter lease and extend it with progress()",
      details: { field: "lease_ms" },
    });
  }
  checkCharge(request.charge);
}

/**
 * Sets money aside on the whole path (budgets of pool, workspace, key and call; then grants) or changes nothing.
 * @throws insufficient_credits, budget_exceeded, conflict.
 */
export function reserve(tx: LedgerTransaction, request: ReserveRequest, owner: string): Hold {
  const path = pathOf(request.caller);
  const idem = request.idempotencyKey === undefined ? null : scopedKey(path, request.idempotencyKey);
  const known = idem === null ? undefined : knownHold(tx, idem, request.requestHash);
  if (known) return known;
  accrue(tx);
  if (request.budget) openCallBudget(tx, path, request.budget);
  const budgetScope = request.budget?.scope ?? null;
  const budgets = budgetsFor(tx, { path, budgetScope, charge: request.charge });
  const atLeast = request.atLeast !== undefined && request.atLeast < request.amount ? request.atLeast : request.amount;
  const fitting = fitBudgets(tx, budgets, request.amount, atLeast);
  const { parts, amount } = chooseParts(tx, path, fitting, atLeast);
  const hold = insertHold(tx, request, { amount, idem, owner, path });
  changePath(tx, path, { held: amount });
  for (const part of parts) {
    if (part.grant !== null) changeGrant(tx, part.grant, { held: part.amount });
    appendEntry(tx, { kind: "reserve", account: leafAccount(path), hold: hold.seq, ...part });
  }
  changeBudgets(tx, budgets, tx.now, { held: amount });
  return { id: hold.id, amount, state: "held", replayed: false };
}

/** The most that a reservation on this path could take now. Budgets that filter are asked only when a charge is given. */
export function affordableOn(
  tx: LedgerTransaction,
  caller: Caller,
  budget: CallBudget | undefined,
  charge: Charge | undefined,
): NanoUsd {
  const path = pathOf(caller);
  const call = { path, budgetScope: budget?.scope ?? null, charge: charge ?? { tool: "" } };
  let least = drawable(tx, path.workspace);
  for (const row of budgetsFor(tx, call)) {
    const limit = row.origin === "call" && budget ? budget.limit : row.limit;
    const { left } = budgetState(tx, { ...row, limit });
    if (left < least) least = left;
  }
  if (budget && budget.limit < least) least = budget.limit;
  return least > 0n ? least : 0n;
}

function chooseParts(
  tx: LedgerTransaction,
  path: AccountPath,
  wanted: NanoUsd,
  atLeast: NanoUsd,
): { readonly parts: readonly GrantPart[]; readonly amount: NanoUsd } {
  if (wanted === 0n) return { parts: [{ grant: null, amount: 0n }], amount: 0n };
  const parts = chooseGrants(tx, path.workspace, wanted);
  const amount = parts.reduce((sum, part) => sum + part.amount, 0n);
  if (amount < atLeast || amount === 0n) throw insufficientCredits(balanceOf(tx, path.workspace), atLeast);
  return { parts, amount };
}

function insertHold(
  tx: LedgerTransaction,
  request: ReserveRequest,
  facts: { readonly amount: NanoUsd; readonly idem: string | null; readonly owner: string; readonly path: AccountPath },
): { readonly id: string; readonly seq: bigint } {
  const { charge } = request;
  const id = newId("hold", tx.rng);
  const row = tx.sql.get<Pick<HoldRow, "seq">>(
    `INSERT INTO hold (id, idem, request_hash, workspace, key, budget_scope, tool, provider, model, metadata, amount, state,
       owner, dispatched_at, created_at, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'held', ?, ?, ?, ?) RETURNING seq`,
    id,
    facts.idem,
    request.requestHash ?? null,
    facts.path.workspace,
    facts.path.key,
    request.budget?.scope ?? null,
    charge.tool,
    charge.provider ?? null,
    charge.model ?? null,
    charge.metadata && Object.keys(charge.metadata).length > 0 ? canonicalJson(charge.metadata) : null,
    facts.amount,
    facts.owner,
    request.dispatched === true ? tx.now : null,
    tx.now,
    tx.now + (request.leaseMs ?? creditLimits.holdLeaseMs),
  );
  return { id, seq: row?.seq ?? 0n };
}

function knownHold(tx: LedgerTransaction, idem: string, requestHash: string | undefined): Hold | undefined {
  const hold = tx.sql.get<HoldRow>("SELECT * FROM hold WHERE idem = ?", idem);
  if (!hold) return undefined;
  if (hold.request_hash === (requestHash ?? null)) {
    return { id: hold.id, amount: hold.amount, state: hold.state, replayed: true };
  }
  throw new SwitchyardError("conflict", "this idempotency key was used for another request", {
    next: "Use a new idempotency_key for a new request, or repeat the first request unchanged",
    details: { hold: hold.id },
  });
}

function scopedKey(path: AccountPath, key: string): string {
  return `${encodeURIComponent(path.workspace)}/${encodeURIComponent(path.key ?? "")}/${key}`;
}

function checkCharge(charge: Charge): void {
  for (const [field, text] of Object.entries({ tool: charge.tool, provider: charge.provider, model: charge.model })) {
    if (text !== undefined) checkText(text, field, creditLimits.nameCharactersMax);
  }
  const pairs = Object.entries(charge.metadata ?? {});
  if (pairs.length > creditLimits.metadataPairsMax) {
    throw new SwitchyardError(
      "invalid_request",
      `metadata has ${pairs.length} pairs and may have ${creditLimits.metadataPairsMax}`,
      {
        next: "Send fewer pairs of metadata",
        details: { field: "metadata" },
      },
    );
  }
  for (const [name, value] of pairs) {
    checkText(name, "a metadata name", creditLimits.nameCharactersMax);
    if (value !== "") checkText(value, `metadata.${name}`, creditLimits.nameCharactersMax);
  }
}
