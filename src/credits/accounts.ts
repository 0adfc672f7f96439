import type { Caller } from "../core/caller.ts";
import { SwitchyardError } from "../core/errors.ts";
import type { NanoUsd } from "../core/money.ts";
import { isConstraint } from "../store/store-error.ts";
import type { LedgerTransaction } from "./transaction.ts";

/** Where a call's money is counted: pool, workspace and, when the caller has one, key. */
export interface AccountPath {
  readonly workspace: string;
  readonly key: string | null;
}

export interface AccountRow {
  readonly id: string;
  readonly parent: string | null;
  readonly granted: bigint;
  readonly held: bigint;
  readonly spent: bigint;
  readonly expired: bigint;
  readonly debt: bigint;
  /** Of the pool: what it had, held money included, after its last grant. */
  readonly filled: bigint;
}

export const poolAccount = "pool";
export const workspaceAccount = (workspace: string) => `workspace:${workspace}`;
export const keyAccount = (key: string) => `key:${key}`;

export function pathOf(caller: Pick<Caller, "workspace" | "key">): AccountPath {
  return { workspace: caller.workspace, key: caller.key };
}

/** The account that names the payer in an entry. */
export function leafAccount(path: AccountPath): string {
  return path.key === null ? workspaceAccount(path.workspace) : keyAccount(path.key);
}

export interface AccountChange {
  readonly held?: NanoUsd;
  readonly spent?: NanoUsd;
  readonly debt?: NanoUsd;
}

/**
 * Adds to every account on the path, opening those that are new.
 * @throws conflict when the key has been used in another workspace.
 */
export function changePath(tx: LedgerTransaction, path: AccountPath, change: AccountChange): void {
  const { held = 0n, spent = 0n, debt = 0n } = change;
  const workspace = workspaceAccount(path.workspace);
  changePool(tx, change);
  if (add(tx, workspace, poolAccount, held, spent, debt) === 0) {
    tx.sql.run("INSERT INTO account (id, parent, kind) VALUES (?, ?, 'workspace')", workspace, poolAccount);
    add(tx, workspace, poolAccount, held, spent, debt);
  }
  if (path.key === null) return;
  const key = keyAccount(path.key);
  if (add(tx, key, workspace, held, spent, 0n) > 0) return;
  openKey(tx, key, workspace);
  add(tx, key, workspace, held, spent, 0n);
}

/** Adds to the pool alone: what grants bring and take. */
export function changePool(
  tx: LedgerTransaction,
  change: AccountChange & { readonly granted?: NanoUsd; readonly expired?: NanoUsd },
): void {
  const { granted = 0n, held = 0n, spent = 0n, expired = 0n, debt = 0n } = change;
  tx.sql.run(
    `UPDATE account SET granted = granted + ?, held = held + ?, spent = spent + ?, expired = expired + ?, debt = debt + ?
     WHERE id = 'pool'`,
    granted,
    held,
    spent,
    expired,
    debt,
  );
}

function add(tx: LedgerTransaction, id: string, parent: string, held: NanoUsd, spent: NanoUsd, debt: NanoUsd): number {
  return tx.sql.run(
    "UPDATE account SET held = held + ?, spent = spent + ?, debt = debt + ? WHERE id = ? AND parent = ?",
    held,
    spent,
    debt,
    id,
    parent,
  );
}

function openKey(tx: LedgerTransaction, key: string, workspace: string): void {
  try {
    tx.sql.run("INSERT INTO account (id, parent, kind) VALUES (?, ?, 'key')", key, workspace);
  } catch (error) {
    if (!isConstraint(error)) throw error;
    throw new SwitchyardError("conflict", `${key} has already spent in another workspace than ${workspace}`, {
      next: "Give each workspace keys of its own with `switchyard keys create`",
      details: { key, workspace },
    });
  }
}
