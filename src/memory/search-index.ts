import type { ProfileDatabase } from "./profile-database.ts";
import type { AnalyzedText, Analyzer } from "./text/analyzer.ts";

/** Turns on either side whose words are found with a turn of the same session. */
const contextTurns = 2;
/** Words that one neighbour lends, so that a long message does not drown the turn itself. */
const contextTermsPerTurnMax = 160;

/** What indexing needs of a memory. */
export interface IndexedRow {
  readonly n: number;
  readonly content: string;
  readonly key: string | null;
  readonly session: string | null;
  readonly ended: string | null;
}

/** What one transaction did to the living memories. */
export interface IndexChanges {
  readonly added: readonly IndexedRow[];
  /** Living before, now ended or gone. */
  readonly removed: readonly IndexedRow[];
}

/** The memories whose index rows change when these do: themselves and their neighbours. Call before rows go. */
export function withNeighbours(profile: ProfileDatabase, rows: Iterable<IndexedRow>): Set<number> {
  const affected = new Set<number>();
  for (const { n, session } of rows) {
    affected.add(n);
    if (session === null) continue;
    for (const turn of turnsAround(profile, session, n, contextTurns)) affected.add(turn.n);
  }
  return affected;
}

/**
 * Brings the full-text rows of the affected memories in line with their rows in `memories`, and the counts of terms
 * with what was added and removed. A living memory is in the live index, one that ended is in the past's, one that is
 * gone is in neither.
 */
export function updateIndex(
  profile: ProfileDatabase,
  analyzer: Analyzer,
  { added, removed }: IndexChanges,
  affected: Iterable<number>,
): void {
  const analyzed = new Map<number, AnalyzedText>();
  const analyze = (row: { n: number; content: string; key: string | null }) => {
    const known = analyzed.get(row.n) ?? analyzer.text(indexedText(row));
    analyzed.set(row.n, known);
    return known;
  };
  for (const n of affected) {
    const row = profile.statement("SELECT n, content, key, session, ended FROM memories WHERE n = ?").get(n) as
      | IndexedRow
      | undefined;
    indexOne(profile, n, row, analyze);
  }
  const counts = new Map<string, number>();
  const count = (row: IndexedRow, by: number) => {
    for (const term of new Set(analyze(row).contentTerms)) counts.set(term, (counts.get(term) ?? 0) + by);
  };
  for (const row of added) count(row, 1);
  for (const row of removed) count(row, -1);
  changeTermCounts(profile, counts);
}

type Analyze = (row: { n: number; content: string; key: string | null }) => AnalyzedText;

function indexOne(profile: ProfileDatabase, n: number, row: IndexedRow | undefined, analyze: Analyze): void {
  if (row?.ended !== null) {
    profile.run("DELETE FROM live_index WHERE rowid = ?", n);
    profile.run("DELETE FROM vectors WHERE n = ?", n);
  }
  if (row === undefined) {
    profile.run("DELETE FROM past_index WHERE rowid = ?", n);
    return;
  }
  const table = row.ended === null ? "live_index" : "past_index";
  // The past has no neighbours: they may still change, and it would have to change with them.
  const turns = row.session === null || row.ended !== null ? [] : turnsAround(profile, row.session, n, contextTurns);
  const lent = turns.map((turn) => analyze(turn).contentTerms.slice(0, contextTermsPerTurnMax).join(" "));
  const put = `INSERT OR REPLACE INTO ${table} (rowid, body, context) VALUES (?, ?, ?)`;
  profile.run(put, n, analyze(row).terms.join(" "), lent.join(" "));
}

/** What a memory is found by: its text and the words of its key. */
export function indexedText({ content, key }: { readonly content: string; readonly key: string | null }): string {
  return key === null ? content : `${content}\n${key}`;
}

function changeTermCounts(profile: ProfileDatabase, changes: ReadonlyMap<string, number>): void {
  const change = `INSERT INTO term_counts (term, memories) VALUES (?1, ?2)
    ON CONFLICT (term) DO UPDATE SET memories = memories + ?2`;
  for (const [term, by] of changes) {
    if (by === 0) continue;
    profile.run(change, term, by);
    if (by < 0) profile.run("DELETE FROM term_counts WHERE term = ? AND memories <= 0", term);
  }
}

/** Living turns of a session around one, in order, without it. */
function turnsAround(
  profile: ProfileDatabase,
  session: string,
  n: number,
  count: number,
): { n: number; content: string; key: string | null }[] {
  const before = profile.statement(
    "SELECT n, content, key FROM memories WHERE session = ? AND n < ? AND ended IS NULL ORDER BY n DESC LIMIT ?",
  );
  const after = profile.statement(
    "SELECT n, content, key FROM memories WHERE session = ? AND n > ? AND ended IS NULL ORDER BY n LIMIT ?",
  );
  const turns = [...before.all(session, n, count).reverse(), ...after.all(session, n, count)];
  return turns as { n: number; content: string; key: string | null }[];
}
