import type { Statements } from "../store/statements.ts";
import type { AttemptRecord, InferResult } from "./result.ts";
import { routePrefix } from "./routes/route.ts";

/** One attempt of a call as it is recorded, with whose call that was. */
export interface LoggedAttempt {
  /** Of the call. */
  readonly id: string;
  /** Its place among the call's attempts, from 1. */
  readonly attempt: number;
  readonly workspace: string;
  /** The caller's; empty for the local user. */
  readonly key: string;
  readonly asked: string;
  /** Name of the route by which the model came into the call; else of the one that was asked for. */
  readonly route: string | undefined;
  readonly model: string;
  readonly provider: string;
  /** Which of the provider's keys, by name, where there are several. */
  readonly providerKey: string | undefined;
  readonly outcome: AttemptRecord["outcome"];
  readonly errorKind: string | undefined;
  readonly error: string | undefined;
  readonly inputTokens: number | undefined;
  readonly outputTokens: number | undefined;
  /** Decimal US dollars: what the pool was charged, and by list price. */
  readonly cost: string;
  readonly list: string;
  readonly isUnreconciled: boolean;
  /** Until the first content. */
  readonly firstMs: number | undefined;
  readonly ms: number;
  readonly startedAtMs: number;
  readonly callState: InferResult["status"];
  readonly callEndedAtMs: number | undefined;
}

export interface AttemptQuery {
  /** Only of calls that ended after this, or run. */
  readonly since?: number | undefined;
  /** So many at most, the newest. */
  readonly limit: number;
  /** Of the call. */
  readonly state?: string | undefined;
  /** Part of the id of what was asked for, or of the model of the attempt. */
  readonly model?: string | undefined;
}

const columns = `
  g.id, g.workspace, g.caller_key AS key, g.model AS asked,
  coalesce(a.value ->> '$.route',
           CASE WHEN g.model LIKE '${routePrefix}%' THEN substr(g.model, ${routePrefix.length + 1}) END) AS route,
  a.value ->> '$.model' AS model,
  substr(a.value ->> '$.model', 1, max(0, instr(a.value ->> '$.model', '/') - 1)) AS provider,
  a.value ->> '$.key' AS provider_key,
  a.value ->> '$.outcome' AS outcome,
  a.value ->> '$.error_kind' AS error_kind,
  a.value ->> '$.error' AS error,
  a.value ->> '$.input_tokens' AS input_tokens,
  a.value ->> '$.output_tokens' AS output_tokens,
  a.value ->> '$.cost' AS cost,
  coalesce(a.value ->> '$.list', a.value ->> '$.cost') AS list,
  coalesce(a.value ->> '$.unreconciled', 0) AS unreconciled,
  a.value ->> '$.first_ms' AS first_ms,
  a.value ->> '$.ms' AS ms,
  g.created_at_ms + coalesce(a.value ->> '$.after_ms', 0) AS started_at_ms,
  g.state AS call_state, g.ended_at_ms AS call_ended_at_ms`;

/**
 * A row for each attempt, read from what is written down anyway: the result of a call that has ended, the events of one
 * that runs. Nothing is written for it. No window function: with one, asking for one call would read them all.
 */
export const attemptView = `CREATE VIEW attempt AS
  SELECT a.key + 1 AS attempt, ${columns}
    FROM generation g, json_each(g.result, '$.attempts') a WHERE g.state <> 'running'
  UNION ALL
  SELECT 1 + (SELECT count(*) FROM event f, json_each(f.body) b
              WHERE f.generation = g.id AND f.seq + b.key < e.seq + a.key AND b.value ->> '$.type' = 'attempt') AS attempt,
         ${columns}
    FROM generation g JOIN event e ON e.generation = g.id, json_each(e.body) a
    WHERE g.state = 'running' AND a.value ->> '$.type' = 'attempt';`;

/** Calls are looked through from the newest on, so that the record may be long: only what is wanted of it is parsed. */
export function readAttempts(
  sql: Statements,
  { since = 0, limit, state = "", model = "" }: AttemptQuery,
): LoggedAttempt[] {
  const calls = sql.iterate(
    `SELECT id FROM generation
     WHERE (coalesce(ended_at_ms, created_at_ms) > ?1 OR state = 'running') AND (?2 = '' OR state = ?2)
     ORDER BY coalesce(ended_at_ms, created_at_ms) DESC, id DESC`,
    since,
    state,
  );
  const newestFirst: LoggedAttempt[] = [];
  for (const { id } of calls) {
    const attempts = sql.all("SELECT * FROM attempt WHERE id = ? ORDER BY attempt DESC", String(id)).map(toAttempt);
    newestFirst.push(...attempts.filter((one) => one.asked.includes(model) || one.model.includes(model)));
    if (newestFirst.length >= limit) break;
  }
  return newestFirst.slice(0, limit).reverse();
}

function toAttempt(row: Record<string, unknown>): LoggedAttempt {
  const text = (name: string) => (row[name] === null ? undefined : String(row[name]));
  const number = (name: string) => (row[name] === null ? undefined : Number(row[name]));
  return {
    id: String(row.id),
    attempt: Number(row.attempt),
    workspace: String(row.workspace),
    key: String(row.key),
    asked: String(row.asked),
    route: text("route"),
    model: String(row.model),
    provider: String(row.provider),
    providerKey: text("provider_key"),
    outcome: row.outcome as LoggedAttempt["outcome"],
    errorKind: text("error_kind"),
    error: text("error"),
    inputTokens: number("input_tokens"),
    outputTokens: number("output_tokens"),
    cost: String(row.cost),
    list: String(row.list),
    isUnreconciled: Number(row.unreconciled) === 1,
    firstMs: number("first_ms"),
    ms: Number(row.ms),
    startedAtMs: Number(row.started_at_ms),
    callState: row.call_state as LoggedAttempt["callState"],
    callEndedAtMs: number("call_ended_at_ms"),
  };
}
