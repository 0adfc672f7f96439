import { isoTime } from "../core/clock.ts";
import { SwitchyardError } from "../core/errors.ts";
import { creditLimits } from "../core/limits.ts";
import { formatUsd, type NanoUsd } from "../core/money.ts";
import type { EntryKind } from "./entries.ts";
import { holdIdOf } from "./holds.ts";
import type { LedgerTransaction } from "./transaction.ts";

/** One movement of money, with what it was for. */
export interface HistoryEntry {
  readonly seq: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly kind: EntryKind;
  readonly amount: NanoUsd;
  /** `pool`, `workspace:<name>` or `key:<id>`: the leaf of the path that it concerns. */
  readonly account: string;
  readonly hold: string | null;
  /** The id of the call that it was for, as its caller knows it: a generation. */
  readonly call: string | null;
  readonly grant: string | null;
  readonly tool: string | null;
  readonly provider: string | null;
  readonly model: string | null;
  /** A grant's note, or why a hold ended as it did. */
  readonly note: string | null;
}

export interface HistoryQuery {
  /** Only one call's movements, by its id or its reservation's. */
  readonly call?: string | undefined;
  readonly limit?: number | undefined;
  /** The `next` of the page before. */
  readonly cursor?: number | undefined;
}

export interface HistoryPage {
  readonly entries: readonly HistoryEntry[];
  readonly next: number | null;
}

interface HistoryRow {
  readonly seq: bigint;
  readonly at: bigint;
  readonly kind: EntryKind;
  readonly amount: bigint;
  readonly account: string;
  readonly hold: string | null;
  readonly call: string | null;
  readonly grant: string | null;
  readonly tool: string | null;
  readonly provider: string | null;
  readonly model: string | null;
  readonly note: string | null;
}

const columns = `entry.seq, entry.at, entry.kind, entry.amount, entry.account, hold.id AS hold,
  CASE WHEN instr(hold.idem, '/gen_') > 0 THEN substr(hold.idem, instr(hold.idem, '/gen_') + 1) END AS call, credit_grant.id AS "grant", hold.tool,
  coalesce(hold.answered_provider, hold.provider) AS provider, coalesce(hold.answered_model, hold.model) AS model,
  coalesce(hold.reason, credit_grant.note) AS note
  FROM entry LEFT JOIN hold ON hold.seq = entry.hold LEFT JOIN credit_grant ON credit_grant.seq = entry.credit_grant`;

/** A page of movements, newest first. @throws invalid_request for a limit out of range. */
export function history(tx: LedgerTransaction, query: HistoryQuery): HistoryPage {
  const { limit = creditLimits.historyEntriesDefault, cursor = Number.MAX_SAFE_INTEGER } = query;
  const hold = query.call === undefined ? null : holdIdOf(tx, query.call);
  if (!Number.isInteger(limit) || limit < 1 || limit > creditLimits.historyEntriesMax) {
    throw new SwitchyardError("invalid_request", `limit must be 1 to ${creditLimits.historyEntriesMax}, not ${limit}`, {
      next: "Read the history in pages with cursor, or export it all",
      details: { field: "limit" },
    });
  }
  const rows = tx.sql.all<HistoryRow>(
    `SELECT ${columns} WHERE entry.seq < ? AND (? IS NULL OR hold.id = ?) ORDER BY entry.seq DESC LIMIT ?`,
    cursor,
    hold,
    hold,
    limit + 1,
  );
  const entries = rows.slice(0, limit).map(toEntry);
  return { entries, next: rows.length > limit ? (entries.at(-1)?.seq ?? null) : null };
}

const csvHeader = "seq,at,kind,amount_usd,account,hold,call,grant,tool,provider,model,note";

/**
 * The whole journal as CSV (RFC 4180), oldest first, a line at a time with its line end. Reads in pages, so that a long
 * export holds neither memory nor a snapshot.
 */
export async function* exportCsv(
  read: <T>(operation: (tx: LedgerTransaction) => T) => Promise<T>,
): AsyncGenerator<string, void> {
  yield `${csvHeader}\r\n`;
  for (let last = 0n; ; ) {
    const after = last;
    const rows = await read((tx) =>
      tx.sql.all<HistoryRow>(
        `SELECT ${columns} WHERE entry.seq > ? ORDER BY entry.seq LIMIT ?`,
        after,
        creditLimits.historyEntriesMax,
      ),
    );
    for (const row of rows) yield csvLine(toEntry(row));
    const end = rows.at(-1);
    if (!end) return;
    last = end.seq;
  }
}

function csvLine(entry: HistoryEntry): string {
  const { seq, at, kind, amount, account, hold, call, grant, tool, provider, model, note } = entry;
  const fields = [seq, isoTime(at), kind, formatUsd(amount), account, hold, call, grant, tool, provider, model, note];
  return `${fields.map((field) => csvField(String(field ?? ""))).join(",")}\r\n`;
}

/** Quotes what needs it, and keeps a spreadsheet from reading a text of someone else's as a formula. */
function csvField(text: string): string {
  const safe = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function toEntry(row: HistoryRow): HistoryEntry {
  return { ...row, seq: Number(row.seq), at: Number(row.at) };
}
