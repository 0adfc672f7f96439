import type { Statements } from "../store/statements.ts";
import type { InferResult } from "./result.ts";

/** One call as it is recorded. */
export interface LoggedCall {
  readonly id: string;
  readonly workspace: string;
  readonly key: string;
  readonly asked: string;
  readonly state: InferResult["status"];
  readonly startedAtMs: number;
  readonly endedAtMs: number | undefined;
  readonly result: InferResult | undefined;
  /** What was asked, where the settings say that it is recorded. */
  readonly request: string | undefined;
}

export interface CallQuery {
  /** Only calls that ended after this, or run. */
  readonly since?: number | undefined;
  /** So many at most, the newest. */
  readonly limit: number;
  readonly state?: string | undefined;
  /** Part of the id of what was asked for. */
  readonly model?: string | undefined;
}

/** Calls, oldest first. */
export function readCalls(sql: Statements, { since = 0, limit, state = "", model = "" }: CallQuery): LoggedCall[] {
  return sql
    .all(
      `SELECT * FROM generation WHERE coalesce(ended_at_ms, created_at_ms) > ? AND (? = '' OR state = ?) AND instr(model, ?) > 0
           ORDER BY coalesce(ended_at_ms, created_at_ms) DESC LIMIT ?`,
      since,
      state,
      state,
      model,
      limit,
    )
    .reverse()
    .map((row) => ({
      id: String(row.id),
      workspace: String(row.workspace),
      key: String(row.caller_key),
      asked: String(row.model),
      state: row.state as LoggedCall["state"],
      startedAtMs: Number(row.created_at_ms),
      endedAtMs: row.ended_at_ms === null ? undefined : Number(row.ended_at_ms),
      result: row.result === null ? undefined : (JSON.parse(String(row.result)) as InferResult),
      request: row.request === null ? undefined : String(row.request),
    }));
}
