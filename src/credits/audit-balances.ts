import { formatUsd } from "../core/money.ts";
import type { AccountRow } from "./accounts.ts";
import { type AuditProblem, differs } from "./audit-problem.ts";
import type { LedgerTransaction } from "./transaction.ts";

interface GrantSums {
  readonly id: string;
  readonly state: string;
  readonly amount: bigint;
  readonly held: bigint;
  readonly used: bigint;
  readonly expired: bigint;
  readonly is_open: bigint;
  readonly entry_granted: bigint;
  readonly entry_held: bigint;
  readonly entry_used: bigint;
  readonly entry_expired: bigint;
}

type Totals = Pick<AccountRow, "granted" | "held" | "spent" | "expired" | "debt">;

/** How each kind of entry moves each total. */
const heldSum = `sum(CASE WHEN kind = 'reserve' THEN entry.amount WHEN kind IN ('settle', 'release', 'expire') THEN -entry.amount ELSE 0 END)`;
const spentSum = `sum(CASE WHEN kind IN ('settle', 'overage', 'late_settle') THEN entry.amount WHEN kind = 'refund' THEN -entry.amount ELSE 0 END)`;
const coverSum = `sum(CASE kind WHEN 'cover' THEN entry.amount ELSE 0 END)`;
const grantSum = `sum(CASE kind WHEN 'grant' THEN entry.amount ELSE 0 END)`;
const expiredSum = `sum(CASE kind WHEN 'grant_expire' THEN entry.amount ELSE 0 END)`;
const debtSum = `sum(CASE WHEN credit_grant IS NULL AND kind IN ('overage', 'late_settle') THEN entry.amount
  WHEN (credit_grant IS NULL AND kind = 'refund') OR kind = 'cover' THEN -entry.amount ELSE 0 END)`;

/** Grants, accounts and the daily sums against what the entries and holds add up to. */
export function auditBalances(tx: LedgerTransaction): AuditProblem[] {
  return [...auditGrants(tx), ...auditAccounts(tx), ...auditSpend(tx)];
}

function auditGrants(tx: LedgerTransaction): AuditProblem[] {
  const grants = tx.sql.all<GrantSums>(
    `SELECT g.id, g.state, g.amount, g.held, g.used, g.expired, g.is_open, coalesce(e.granted, 0) AS entry_granted,
       coalesce(e.held, 0) AS entry_held, coalesce(e.used, 0) AS entry_used, coalesce(e.expired, 0) AS entry_expired
     FROM credit_grant g LEFT JOIN (
       SELECT credit_grant, ${grantSum} AS granted, ${heldSum} AS held, ${spentSum} + ${coverSum} AS used, ${expiredSum} AS expired
       FROM entry WHERE credit_grant IS NOT NULL GROUP BY credit_grant) e ON e.credit_grant = g.seq`,
  );
  return grants.flatMap((grant) => {
    const name = `grant ${grant.id}`;
    return [
      ...differs(name, "granted", grant.state === "scheduled" ? 0n : grant.amount, grant.entry_granted),
      ...differs(name, "held", grant.held, grant.entry_held),
      ...differs(name, "used", grant.used, grant.entry_used),
      ...differs(name, "expired", grant.expired, grant.entry_expired),
      ...wronglyClosed(name, grant),
    ];
  });
}

/** Money of a grant that is marked as used up would be found by nobody. */
function wronglyClosed(name: string, { amount, held, used, expired, is_open }: GrantSums): AuditProblem[] {
  const left = amount - held - used - expired;
  if ((is_open === 1n) === left > 0n) return [];
  const what = `${name}: it is marked as ${is_open === 1n ? "having money" : "used up"}`;
  return [{ what, expected: `$${formatUsd(left)} left` }];
}

function auditAccounts(tx: LedgerTransaction): AuditProblem[] {
  const accounts = tx.sql.all<AccountRow>("SELECT * FROM account");
  const parents = new Map(accounts.map((account) => [account.id, account.parent]));
  const sums = new Map<string, Totals>();
  const leaves = tx.sql.all<Totals & { readonly account: string }>(
    `SELECT account, ${grantSum} AS granted, ${heldSum} AS held, ${spentSum} AS spent, ${expiredSum} AS expired, ${debtSum} AS debt
     FROM entry GROUP BY account`,
  );
  for (const leaf of leaves) {
    for (let id: string | null | undefined = leaf.account; id; id = parents.get(id))
      sums.set(id, add(sums.get(id), leaf));
  }
  return accounts.flatMap((account) => {
    const sum = sums.get(account.id) ?? add(undefined, undefined);
    const name = account.id;
    return [
      ...differs(name, "granted", account.granted, sum.granted),
      ...differs(name, "held", account.held, sum.held),
      ...differs(name, "spent", account.spent, sum.spent),
      ...differs(name, "expired", account.expired, sum.expired),
      // A key's debts are its workspace's.
      ...(account.id.startsWith("key:") ? [] : differs(name, "debt", account.debt, sum.debt)),
    ];
  });
}

function auditSpend(tx: LedgerTransaction): AuditProblem[] {
  const rows = tx.sql.all<{ workspace: string; found: bigint; expected: bigint }>(
    `SELECT workspace, sum(found) AS found, sum(expected) AS expected FROM (
       SELECT workspace, spent AS found, 0 AS expected FROM spend
       UNION ALL SELECT workspace, 0, actual - refunded FROM hold WHERE state <> 'held') GROUP BY workspace`,
  );
  return rows.flatMap((row) => differs(`daily sums of workspace:${row.workspace}`, "spent", row.found, row.expected));
}

function add(left: Totals | undefined, right: Totals | undefined): Totals {
  const sum = (name: keyof Totals) => (left?.[name] ?? 0n) + (right?.[name] ?? 0n);
  return {
    granted: sum("granted"),
    held: sum("held"),
    spent: sum("spent"),
    expired: sum("expired"),
    debt: sum("debt"),
  };
}
