import { join } from "node:path";
import { readEnvironment } from "../config/environment.ts";
import { isoTime, systemClock, systemRng } from "../core/clock.ts";
import type { LoggedAttempt } from "../infer/attempt-log.ts";
import type { LoggedCall } from "../infer/call-log.ts";
import { openGenerationStore } from "../infer/generation-store.ts";
import { attemptFacts, attemptLine } from "./attempt-line.ts";
import { untilSignalled } from "./process.ts";

export interface LogsOptions {
  readonly limit: string;
  readonly state?: string;
  readonly model?: string;
  readonly follow?: boolean;
  readonly json?: boolean;
  readonly content?: boolean;
  readonly attempts?: boolean;
}

const followMs = 500;
/** Of one look; more come only where thousands of calls end in a second. */
const followRowsMax = 1_000;

/** What `logs` lists: calls, or the attempts of calls. */
interface Listing<Row> {
  /** The newest rows; those that came `since`, where it is given. */
  read(limit: number, since?: number): readonly Row[];
  print(row: Row): void;
  /** Tells rows apart. One that is printed is not printed again. */
  nameOf(row: Row): string;
  /** Of the row's call. */
  endedAtMs(row: Row): number | undefined;
}

/** `switchyard logs --follow`. Prompts and outputs are in it only when they are recorded and asked for. */
export async function logs(options: LogsOptions): Promise<void> {
  const { state, model, follow, json, content } = options;
  const path = join(readEnvironment().dataDirectory, "generations.db");
  const store = openGenerationStore({ path, clock: systemClock, rng: systemRng });
  const calls: Listing<LoggedCall> = {
    read: (most, since) =>
      store
        .log({ since, limit: most, state, model })
        .filter((call) => since === undefined || call.endedAtMs !== undefined),
    print: (call) =>
      console.log(json ? JSON.stringify({ ...factsOf(call), ...(content ? contentOf(call) : {}) }) : lineOf(call)),
    nameOf: (call) => `${call.id} ${call.state}`,
    endedAtMs: (call) => call.endedAtMs,
  };
  const attempts: Listing<LoggedAttempt> = {
    read: (most, since) => store.attempts({ since, limit: most, state, model }),
    print: (one) => console.log(json ? JSON.stringify(attemptFacts(one)) : attemptLine(one)),
    nameOf: (one) => `${one.id}#${one.attempt}`,
    endedAtMs: (one) => one.callEndedAtMs,
  };
  const limit = Number(options.limit) || 20;
  try {
    await (options.attempts ? list(attempts, limit, follow) : list(calls, limit, follow));
  } finally {
    await store.close();
  }
}

async function list<Row>(listing: Listing<Row>, limit: number, follow: boolean | undefined): Promise<void> {
  /** Rows that are printed and may be read again, with when their calls ended. */
  const printed = new Map<string, number | undefined>();
  let since = 0;
  const printNew = (rows: readonly Row[], most = rows.length) => {
    for (const [at, row] of rows.entries()) {
      const [name, endedAtMs] = [listing.nameOf(row), listing.endedAtMs(row)];
      if (at >= rows.length - most && !printed.has(name)) listing.print(row);
      printed.set(name, endedAtMs);
      since = Math.max(since, endedAtMs ?? 0);
    }
    for (const [name, endedAtMs] of printed) if (endedAtMs !== undefined && endedAtMs < since) printed.delete(name);
  };
  // What is past the limit now must not be taken for new later.
  printNew(listing.read(follow ? Math.max(limit, followRowsMax) : limit), limit);
  if (!follow) return;
  const stop = new AbortController();
  const stopped = untilSignalled().then(() => stop.abort());
  while (!stop.signal.aborted) {
    await systemClock.sleep(followMs, stop.signal).catch(() => undefined);
    // Two calls may end in one millisecond, the second after the first was read.
    printNew(listing.read(followRowsMax, since - 1));
  }
  await stopped;
}

/** What was asked and answered, as far as it is recorded. A request that was cut is no JSON any more. */
function contentOf({ request, result }: LoggedCall) {
  return { request: request === undefined ? undefined : (parseJson(request) ?? request), output: result?.output };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function factsOf({ id, workspace, key, asked, state, startedAtMs, endedAtMs, result }: LoggedCall) {
  return {
    id,
    workspace,
    key: key === "" ? null : key,
    asked,
    model: result?.model,
    state,
    started_at: isoTime(startedAtMs),
    ms: endedAtMs === undefined ? undefined : endedAtMs - startedAtMs,
    cost: result?.cost.total,
    usage: result?.usage,
    attempts: result?.attempts,
    error: result?.error && { code: result.error.code, message: result.error.message },
  };
}

function lineOf(call: LoggedCall): string {
  const { started_at, ms, asked, model, state, cost, usage, attempts, error, id } = factsOf(call);
  const tokens = usage ? `${usage.input_tokens}→${usage.output_tokens} tokens` : "";
  const served = model !== undefined && model !== asked ? `${asked} → ${model}` : asked;
  const tries = (attempts?.length ?? 0) > 1 ? `${attempts?.length} attempts` : "";
  return [
    started_at,
    state,
    served,
    ms === undefined ? "" : `${ms} ms`,
    tokens,
    cost === undefined ? "" : `$${cost}`,
    tries,
    error ? `${error.code}: ${error.message}` : "",
    id,
  ]
    .filter((part) => part !== "")
    .join("  ");
}
