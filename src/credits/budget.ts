import type { NanoUsd } from "../core/money.ts";
import type { BudgetWindow } from "./windows.ts";

/** Which calls a budget counts; an absent member matches all. */
export interface BudgetFilter {
  readonly provider?: string | undefined;
  /** A model id, or a prefix that ends in `*`. */
  readonly model?: string | undefined;
  readonly tool?: string | undefined;
  /** Every pair must be in the call's metadata. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** What money is for: kept on the hold, for reports and for budgets that filter by it. */
export interface Charge {
  readonly tool: string;
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  readonly metadata?: Readonly<Record<string, string>> | undefined;
}

/** A limit that a call names for itself: all calls of its caller that name the same scope share it. */
export interface CallBudget {
  readonly scope: string;
  readonly limit: NanoUsd;
}

export interface BudgetRow {
  readonly seq: bigint;
  readonly scope: string;
  readonly window: BudgetWindow;
  readonly filter: string;
  readonly limit: bigint;
  readonly origin: "admin" | "settings" | "call";
}

/** A budget with what counts against it now. */
export interface BudgetState {
  readonly budget: BudgetRow;
  readonly held: NanoUsd;
  readonly spent: NanoUsd;
  readonly left: NanoUsd;
}

/** The filter that counts every call, as it is stored. */
export const filterOfAll = "{}";

/** A scope as its caller knows it: the workspace and key in a call's own scope are left out. */
export function scopeLabel(scope: string): string {
  return scope.replace(/^call:[^/]*\/[^/]*\//, "call:");
}

/** Whether a budget counts a charge. */
export function countsCharge(budget: Pick<BudgetRow, "filter">, charge: Charge): boolean {
  if (budget.filter === filterOfAll) return true;
  const filter = JSON.parse(budget.filter) as BudgetFilter;
  if (filter.provider !== undefined && filter.provider !== charge.provider) return false;
  if (filter.tool !== undefined && filter.tool !== charge.tool) return false;
  if (filter.model !== undefined && !matchesModel(filter.model, charge.model ?? "")) return false;
  return Object.entries(filter.metadata ?? {}).every(([name, value]) => charge.metadata?.[name] === value);
}

function matchesModel(pattern: string, model: string): boolean {
  return pattern.endsWith("*") ? model.startsWith(pattern.slice(0, -1)) : model === pattern;
}
