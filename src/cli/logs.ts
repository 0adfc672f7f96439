import { join } from "node:path";
import { readEnvironment } from "../config/environment.ts";
import { isoTime, systemClock, systemRng } from "../core/clock.ts";
import { type LoggedCall, openGenerationStore } from "../infer/generation-store.ts";
import { untilSignalled } from "./process.ts";

export interface LogsOptions {
  readonly limit: string;
  readonly state?: string;
  readonly model?: string;
  readonly follow?: boolean;
  readonly json?: boolean;
  readonly content?: boolean;
}

const followMs = 500;

/** `switchyard logs --follow`. Prompts and outputs are in it only when they are recorded and asked for. */
export async function logs({ limit, state, model, follow, json, content }: LogsOptions): Promise<void> {
  const path = join(readEnvironment().dataDirectory, "generations.db");
  const store = openGenerationStore({ path, clock: systemClock, rng: systemRng });
  const print = (call: LoggedCall) =>
    console.log(json ? JSON.stringify({ ...factsOf(call), ...(content ? contentOf(call) : {}) }) : lineOf(call));
  const calls = store.log({ limit: Number(limit) || 20, state, model });
  for (const call of calls) print(call);
  let since = Math.max(0, ...calls.map(({ endedAtMs, startedAtMs }) => endedAtMs ?? startedAtMs));
  const stop = new AbortController();
  const stopped = follow ? untilSignalled().then(() => stop.abort()) : Promise.resolve();
  while (follow && !stop.signal.aborted) {
    await systemClock.sleep(followMs, stop.signal).catch(() => undefined);
    for (const call of store.log({ since, limit: 1_000, state, model })) {
      since = Math.max(since, call.endedAtMs ?? call.startedAtMs);
      if (call.endedAtMs !== undefined) print(call);
    }
  }
  await stopped;
  await store.close();
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
