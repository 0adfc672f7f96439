import type { ProfileDatabase } from "./profile-database.ts";
import type { Analyzer } from "./text/analyzer.ts";

/** Turns on either side whose words are found with a turn of the same session. */
const contextTurns = 2;
/** Words that one neighbour lends, so that a long message does not drown the turn itself. */
const contextTermsPerTurnMax = 160;

/** What indexing needs of a memory. */
interface IndexedRow {
  readonly n: number;
  readonly content: string;
  readonly key: string | null;
  readonly session: string | null;
  readonly ended: string | null;
}

const columns = "n, content, key, session, ended";

/** The memories whose index rows change when these do: themselves and their neighbours. Call before rows go. */
export function withNeighbours(profile: ProfileDatabase, numbers: Iterable<number>): Set<number> {
  const affected = new Set<number>();
  for (const n of numbers) {
    affected.add(n);
    const row = rowOf(profile, n);
    if (row?.session == null) continue;
    for (const turn of turnsAround(profile, row.session, n, contextTurns)) affected.add(turn.n);
  }
  return affected;
}

/**
 * Brings the full-text rows of these memories in line with their rows in `memories`: a living one is in the live
 * index, one that ended is in the past's, one that is gone is in neither.
 */
export function reindex(profile: ProfileDatabase, analyzer: Analyzer, numbers: Iterable<number>): void {
  const dropLive = profile.statement("DELETE FROM live_index WHERE rowid = ?");
  const dropPast = profile.statement("DELETE FROM past_index WHERE rowid = ?");
  const putLive = profile.statement("INSERT OR REPLACE INTO live_index (rowid, body, context) VALUES (?, ?, ?)");
  const putPast = profile.statement("INSERT OR REPLACE INTO past_index (rowid, body, context) VALUES (?, ?, ?)");
  // `get`, not `run`: FTS5 leaves an internal row id behind that does not fit a JavaScript number.
  const lent = new Map<number, string>();

  function lentBy(turn: { n: number; content: string }): string {
    let terms = lent.get(turn.n);
    if (terms === undefined) {
      terms = analyzer.text(turn.content).contentTerms.slice(0, contextTermsPerTurnMax).join(" ");
      lent.set(turn.n, terms);
    }
    return terms;
  }

  for (const n of numbers) {
    const row = rowOf(profile, n);
    if (row === undefined || row.ended !== null) dropLive.get(n);
    if (row === undefined) {
      dropPast.get(n);
      continue;
    }
    const words = row.key === null ? row.content : `${row.content}\n${row.key}`;
    const turns = row.session === null ? [] : turnsAround(profile, row.session, n, contextTurns);
    const put = row.ended === null ? putLive : putPast;
    put.get(n, analyzer.text(words).terms.join(" "), turns.map(lentBy).join(" "));
  }
}

/** Takes every memory out of both indexes. */
export function clearIndex(profile: ProfileDatabase): void {
  profile.database.exec("INSERT INTO live_index (live_index) VALUES ('delete-all')");
  profile.database.exec("INSERT INTO past_index (past_index) VALUES ('delete-all')");
}

/** Living turns of a session around one, in order, without it. */
export function turnsAround(
  profile: ProfileDatabase,
  session: string,
  n: number,
  count: number,
): { n: number; content: string }[] {
  const before = profile.statement(
    "SELECT n, content FROM memories WHERE session = ? AND n < ? AND ended IS NULL ORDER BY n DESC LIMIT ?",
  );
  const after = profile.statement(
    "SELECT n, content FROM memories WHERE session = ? AND n > ? AND ended IS NULL ORDER BY n LIMIT ?",
  );
  const turns = [...before.all(session, n, count).reverse(), ...after.all(session, n, count)];
  return turns as { n: number; content: string }[];
}

function rowOf(profile: ProfileDatabase, n: number): IndexedRow | undefined {
  return profile.statement(`SELECT ${columns} FROM memories WHERE n = ?`).get(n) as IndexedRow | undefined;
}
