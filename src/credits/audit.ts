import { DatabaseSync } from "node:sqlite";
import { type Clock, isoTime, systemRng } from "../core/clock.ts";
import { creditLimits } from "../core/limits.ts";
import { prepareStatements } from "../store/statements.ts";
import { isCorrupt, storeError } from "../store/store-error.ts";
import { auditBalances } from "./audit-balances.ts";
import { auditBudgets } from "./audit-budgets.ts";
import { auditHolds } from "./audit-holds.ts";
import type { AuditProblem } from "./audit-problem.ts";
import { type EntryRow, entryHash, firstHash } from "./entries.ts";
import type { LedgerTransaction } from "./transaction.ts";

export interface LedgerAudit {
  readonly ok: boolean;
  readonly entries: number;
  /** At most so many as the limits say; the first are the ones to look at. */
  readonly problems: readonly AuditProblem[];
  /** What is not wrong and still worth knowing. */
  readonly notes: readonly string[];
}

/** Clocks of two processes may differ by this much without being wrong. */
const clockToleranceMs = 5_000;

/**
 * Replays the whole journal of a ledger file against its balances, in one snapshot, beside whatever is running, and says
 * exactly what differs. Changes nothing.
 * @throws unavailable when the file cannot be read at all.
 */
export function auditLedger(path: string, clock: Clock): LedgerAudit {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true });
    database.exec(`PRAGMA busy_timeout = ${creditLimits.lockWaitMsMax}; BEGIN`);
    return audit({ sql: prepareStatements(database), rng: systemRng, now: clock.now() });
  } catch (error) {
    throw storeError(error, path);
  } finally {
    database?.close();
  }
}

function audit(tx: LedgerTransaction): LedgerAudit {
  const damage = auditFile(tx);
  // Sums over damaged pages would only hide what is wrong.
  if (damage.length > 0) return { ok: false, entries: 0, problems: damage, notes: [] };
  const journal = auditJournal(tx);
  const problems = [...journal.problems, ...auditBalances(tx), ...auditHolds(tx), ...auditBudgets(tx)];
  return {
    ok: problems.length === 0,
    entries: journal.entries,
    problems: problems.slice(0, creditLimits.auditProblemsMax),
    notes: [...journal.notes, ...openQuestions(tx)],
  };
}

function auditFile(tx: LedgerTransaction): AuditProblem[] {
  return integrityProblems(tx).map((problem) => ({
    what: `the file is damaged: ${problem}`,
    expected: "a sound SQLite file: stop every server and restore it from a backup",
  }));
}

function integrityProblems(tx: LedgerTransaction): string[] {
  try {
    return tx.sql
      .all<{ integrity_check: string }>(`PRAGMA integrity_check(${creditLimits.auditProblemsMax})`)
      .map((row) => row.integrity_check)
      .filter((line) => line !== "ok");
  } catch (error) {
    // Some damage stops the check itself.
    if (isCorrupt(error)) return [error instanceof Error ? error.message : "malformed"];
    throw error;
  }
}

/** Every entry in order, its hash over the one before, and nothing missing between. */
function auditJournal(tx: LedgerTransaction): { entries: number; problems: AuditProblem[]; notes: string[] } {
  const problems: AuditProblem[] = [];
  const notes: string[] = [];
  let [previous, entries, at] = [firstHash, 0, 0];
  for (const row of tx.sql.iterate<EntryRow>("SELECT * FROM entry ORDER BY seq")) {
    entries++;
    if (Number(row.seq) !== entries) {
      problems.push({
        what: `entry ${entries} is missing; entry ${row.seq} is in its place`,
        expected: "every number once",
      });
      entries = Number(row.seq);
    }
    const hash = entryHash(previous, { ...row, grant: row.credit_grant }, row.at);
    if (Buffer.compare(hash, row.hash) !== 0) {
      problems.push({
        what: `entry ${row.seq} (${row.kind}) does not have the hash of its contents`,
        expected: "an entry as it was written, after the one that it was written after",
      });
    }
    if (Number(row.at) < at - clockToleranceMs) notes.push(clockNote(row, at));
    at = Math.max(at, Number(row.at));
    previous = row.hash;
  }
  return { entries, problems, notes: notes.slice(0, 1) };
}

function clockNote(row: EntryRow, latest: number): string {
  return `the clock went back: entry ${row.seq} is of ${isoTime(Number(row.at))}, one before it of ${isoTime(latest)}`;
}

function openQuestions(tx: LedgerTransaction): string[] {
  const late = tx.sql.get<{ count: bigint }>(
    "SELECT count(*) AS count FROM hold WHERE state = 'held' AND expires_at < ?",
    tx.now - 2 * creditLimits.recoveryEveryMs,
  );
  const guessed = tx.sql.get<{ count: bigint }>("SELECT count(*) AS count FROM hold WHERE unreconciled = 1");
  const notes: string[] = [];
  if (late && late.count > 0n) notes.push(`holds past their lease, which any running server ends: ${late.count}`);
  if (guessed && guessed.count > 0n) {
    notes.push(`calls charged by a guess (\`switchyard credits unreconciled\`): ${guessed.count}`);
  }
  return notes;
}
