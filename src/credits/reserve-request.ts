import type { Caller } from "../core/caller.ts";
import { SwitchyardError } from "../core/errors.ts";
import { creditLimits } from "../core/limits.ts";
import type { NanoUsd } from "../core/money.ts";
import { checkAmount, checkText } from "./amounts.ts";
import type { CallBudget, Charge } from "./budget.ts";

/** A request to set money aside before a call is made. */
export interface ReserveRequest {
  readonly caller: Caller;
  /**
   * The worst case of the call; zero is allowed and still leaves a record. A function is told, under the lock, how much
   * could be reserved, and says how much of it to take.
   */
  readonly amount: NanoUsd | ((available: NanoUsd) => NanoUsd);
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

/** @throws invalid_request when a request cannot be recorded as it is. */
export function checkReserveRequest(request: ReserveRequest): void {
  if (typeof request.amount !== "function") checkAmount(request.amount, "amount");
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

/** @throws invalid_request when what the money is for cannot be recorded as it is. */
export function checkCharge(charge: Charge): void {
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
