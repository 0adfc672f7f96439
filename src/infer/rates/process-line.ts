import { inferLimits } from "../../core/limits.ts";
import type { Statements } from "../../store/statements.ts";
import type { Counter } from "./counter.ts";

export const processLineSchema = `
  CREATE TABLE process (
    id TEXT PRIMARY KEY,
    since_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE waiting (
    counter TEXT NOT NULL,
    process TEXT NOT NULL REFERENCES process (id) ON DELETE CASCADE,
    PRIMARY KEY (counter, process)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX waiting_process ON waiting (process);`;

/** Processes that wait for the same counter as this one. */
export interface Others {
  readonly count: number;
  /** One of them has waited for longer: it is its turn. */
  readonly areBefore: boolean;
}

const { rateAheadMsMax: aheadMs, rateSilentMsMax: silentMs } = inferLimits;
/** How often a process that waits says so: well within the time after which it would be taken for gone. */
const sayEveryMs = silentMs / 4;
const nobody: Others = { count: 0, areBefore: false };

/**
 * The line in which processes wait, in a file that they share. A process has one place for all it waits for, that of the
 * time at which it began to; with a place for each counter, two could wait for one another. It goes to the end once it had
 * its share of what others wait for. Times are of the wall clock.
 */
export class ProcessLine {
  readonly #sql: Statements;
  readonly #process: string;
  /** Undefined: it does not wait. */
  #sinceMs: number | undefined;
  #said: { readonly names: ReadonlySet<string>; readonly atMs: number } = { names: new Set(), atMs: 0 };
  /** What this process took while others waited, since it had its place. */
  readonly #taken = new Map<string, number>();

  constructor(sql: Statements, process: string) {
    this.#sql = sql;
    this.#process = process;
  }

  /** For each counter, in their order. */
  others(counters: readonly Counter[], nowMs: number): readonly Others[] {
    // Mostly nobody waits for anything.
    const isQuiet = !this.#sql.get("SELECT 1 FROM process WHERE id <> ? LIMIT 1", this.#process);
    return counters.map((counter) => (isQuiet ? nobody : this.#othersAt(counter, nowMs)));
  }

  #othersAt({ name }: Counter, nowMs: number): Others {
    const row = this.#sql.get<{ count: bigint; first_ms: bigint | null }>(
      `SELECT count(*) AS count, min(since_ms) AS first_ms FROM waiting JOIN process ON process.id = waiting.process
       WHERE counter = ? AND process <> ? AND seen_ms > ? AND seen_ms <= ?`,
      name,
      this.#process,
      nowMs - silentMs,
      nowMs + aheadMs,
    );
    const count = Number(row?.count ?? 0);
    // Of two who began in the same millisecond either may be first.
    const areBefore = count > 0 && (this.#sinceMs === undefined || Number(row?.first_ms) < this.#sinceMs);
    return { count, areBefore };
  }

  /** Says that so much was taken of what so many others wait for. */
  took({ name, max }: Counter, amount: number, others: number, nowMs: number): void {
    if (others === 0 || this.#sinceMs === undefined) return;
    const taken = (this.#taken.get(name) ?? 0) + amount;
    this.#taken.set(name, taken);
    if (taken * (others + 1) < max) return;
    this.#taken.clear();
    this.#sinceMs = nowMs;
    this.#sql.run("UPDATE process SET since_ms = ? WHERE id = ?", nowMs, this.#process);
  }

  /** Whether others have to be told that this process waits for these, because it is new or was long ago. */
  mustSay(names: ReadonlySet<string>, nowMs: number): boolean {
    const { names: said, atMs } = this.#said;
    if (names.size === 0) return this.#sinceMs !== undefined;
    const isRecent = nowMs >= atMs && nowMs - atMs < sayEveryMs;
    return !(isRecent && names.size === said.size && [...names].every((name) => said.has(name)));
  }

  /** Tells others what calls of this process wait for. Several writes: to be made in one transaction. */
  say(names: ReadonlySet<string>, nowMs: number): void {
    const [sql, process, said] = [this.#sql, this.#process, this.#said.names];
    this.#said = { names, atMs: nowMs };
    if (names.size === 0) {
      sql.run("DELETE FROM process WHERE id = ?", process);
      this.#sinceMs = undefined;
      this.#taken.clear();
      return;
    }
    this.#sinceMs ??= nowMs;
    // Those who are gone do not say so themselves.
    sql.run("DELETE FROM process WHERE seen_ms <= ? OR seen_ms > ?", nowMs - silentMs, nowMs + aheadMs);
    const isKnown = said.size > 0 && sql.run("UPDATE process SET seen_ms = ? WHERE id = ?", nowMs, process) > 0;
    if (!isKnown) {
      sql.run("DELETE FROM process WHERE id = ?", process);
      sql.run("INSERT INTO process VALUES (?, ?, ?)", process, this.#sinceMs, nowMs);
    }
    for (const name of said) if (!names.has(name)) sql.run(remove, name, process);
    for (const name of names) if (!(isKnown && said.has(name))) sql.run(add, name, process);
  }
}

const add = "INSERT INTO waiting VALUES (?, ?)";
const remove = "DELETE FROM waiting WHERE counter = ? AND process = ?";
