import type { Caller } from "../core/caller.ts";
import { SwitchyardError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import { creditLimits } from "../core/limits.ts";
import type { NanoUsd } from "../core/money.ts";
import { type AccountPath, changePath, leafAccount, pathOf } from "./accounts.ts";
import { checkAmount } from "./amounts.ts";
import { balanceOf } from "./balance.ts";
import type { BudgetState, CallBudget, Charge } from "./budget.ts";
import { budgetState, budgetsFor, changeBudgets, fitBudgets, openCallBudget } from "./budgets.ts";
import { appendEntry } from "./entries.ts";
import { accrue, changeGrant, drawableGrants, type GrantPart, sumOf, takeFrom } from "./grants.ts";
import { type HoldRow, type HoldState, storedMetadata } from "./holds.ts";
import { insufficientCredits } from "./refusal.ts";
import type { ReserveRequest } from "./reserve-request.ts";
import type { LedgerTransaction } from "./transaction.ts";

/** Money set aside for one call. */
export interface Hold {
  readonly id: string;
  readonly amount: NanoUsd;
  readonly state: HoldState;
  /** The idempotency key was known: this is the hold of the first request. */
  readonly replayed: boolean;
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
  const states = budgets.map((budget) => budgetState(tx, budget));
  const grants = drawableGrants(tx, path.workspace);
  const wanted = typeof request.amount === "function" ? request.amount(leastOf(grants, states)) : request.amount;
  const atLeast = request.atLeast !== undefined && request.atLeast < wanted ? request.atLeast : wanted;
  const fitting = fitBudgets(tx, states, checkAmount(wanted, "amount"), atLeast);
  const { parts, amount } = chooseParts(tx, path, grants, fitting, atLeast);
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
  const states = budgetsFor(tx, call).map((row) => {
    const limit = row.origin === "call" && budget ? budget.limit : row.limit;
    return budgetState(tx, { ...row, limit });
  });
  const least = leastOf(drawableGrants(tx, path.workspace), states);
  return budget && budget.limit < least ? budget.limit : least;
}

/** What grants and budgets both have room for. */
function leastOf(grants: readonly GrantPart[], states: readonly BudgetState[]): NanoUsd {
  const least = states.reduce((sum, { left }) => (left < sum ? left : sum), sumOf(grants));
  return least > 0n ? least : 0n;
}

function chooseParts(
  tx: LedgerTransaction,
  path: AccountPath,
  grants: readonly GrantPart[],
  wanted: NanoUsd,
  atLeast: NanoUsd,
): { readonly parts: readonly GrantPart[]; readonly amount: NanoUsd } {
  if (wanted === 0n) return { parts: [{ grant: null, amount: 0n }], amount: 0n };
  const parts = takeFrom(grants, wanted);
  const amount = sumOf(parts);
  if (amount < atLeast || amount === 0n) throw insufficientCredits(balanceOf(tx, path.workspace), atLeast);
  return { parts, amount };
}

function insertHold(
  tx: LedgerTransaction,
  request: ReserveRequest,
  facts: { readonly amount: NanoUsd; readonly idem: string | null; readonly owner: string; readonly path: AccountPath },
): { readonly id: string; readonly seq: bigint } {
  const { charge, leaseMs = creditLimits.holdLeaseMs } = request;
  const id = newId("hold", tx.rng, tx.now);
  const row = tx.sql.get<Pick<HoldRow, "seq">>(
    `INSERT INTO hold (id, idem, request_hash, workspace, key, budget_scope, tool, provider, model, metadata, amount, state,
       owner, dispatched_at, created_at, lease_ms, expires_at)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'held', ?, ?, ?, ?, ?) RETURNING seq`,
    id,
    facts.idem,
    request.requestHash ?? null,
    facts.path.workspace,
    facts.path.key,
    request.budget?.scope ?? null,
    charge.tool,
    charge.provider ?? null,
    charge.model ?? null,
    storedMetadata(charge),
    facts.amount,
    facts.owner,
    request.dispatched === true ? tx.now : null,
    tx.now,
    leaseMs,
    tx.now + leaseMs,
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
