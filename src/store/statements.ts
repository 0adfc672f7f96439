import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

/** Values as a STRICT table of ours holds them. Integers are always `bigint`: a `number` would throw above 2^53. */
export type Row = Readonly<Record<string, string | bigint | null | Uint8Array>>;

/** Prepared statements of one connection, kept by their text. The row type is the caller's word for its own schema. */
export interface Statements {
  /** The first row, or undefined. */
  get<R extends object = Row>(sql: string, ...values: SQLInputValue[]): R | undefined;
  all<R extends object = Row>(sql: string, ...values: SQLInputValue[]): R[];
  /** Rows one at a time, for tables too large to hold. Nothing may be written until it is done. */
  iterate<R extends object = Row>(sql: string, ...values: SQLInputValue[]): Iterable<R>;
  /** Runs and answers how many rows changed. */
  run(sql: string, ...values: SQLInputValue[]): number;
}

export function prepareStatements(database: DatabaseSync): Statements {
  const prepared = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    let found = prepared.get(sql);
    if (!found) {
      found = database.prepare(sql);
      found.setReadBigInts(true);
      prepared.set(sql, found);
    }
    return found;
  };
  return {
    get: <R extends object>(sql: string, ...values: SQLInputValue[]) => statement(sql).get(...values) as R | undefined,
    all: <R extends object>(sql: string, ...values: SQLInputValue[]) => statement(sql).all(...values) as R[],
    iterate: <R extends object>(sql: string, ...values: SQLInputValue[]) =>
      statement(sql).iterate(...values) as Iterable<R>,
    run: (sql, ...values) => Number(statement(sql).run(...values).changes),
  };
}
