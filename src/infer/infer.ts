import type { Caller, CallOptions } from "../core/caller.ts";
import type { Clock, Rng } from "../core/clock.ts";
import { deadline } from "../core/deadline.ts";
import { SwitchyardError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import { inferLimits } from "../core/limits.ts";
import { Generation, type GenerationEvent } from "./generation.ts";
import { type InferArgs, requestHash } from "./request.ts";
import type { InferResult } from "./result.ts";
import { type RunDependencies, run } from "./run.ts";

export interface ResultArgs {
  readonly id: string;
  /** Give only what came from this event on. */
  readonly from?: number | undefined;
  readonly wait_ms?: number | undefined;
  readonly cancel?: boolean | undefined;
}

/** A generation asked for later: the result so far, and where its events begin and go on. */
export interface ResumedResult extends InferResult {
  readonly events_from: number;
  readonly events_next: number;
}

export interface Infer {
  /** Calls a model and waits for its answer, at most `wait_ms`. @throws the error of a call that failed. */
  run(args: InferArgs, caller: Caller, options?: CallOptions): Promise<InferResult>;
  /** Calls a model and returns at once; its events can be read while they come. */
  start(args: InferArgs, caller: Caller, options?: CallOptions): Generation;
  /** A generation by its id. @throws not_found when it is not the caller's, or no longer kept. */
  result(args: ResultArgs, caller: Caller, options?: CallOptions): Promise<ResumedResult>;
  close(): Promise<void>;
}

export interface InferOptions extends RunDependencies {
  readonly clock: Clock;
  readonly rng: Rng;
}

interface Kept {
  readonly generation: Generation;
  readonly owner: string;
  readonly hash: string;
  readonly args: InferArgs;
}

export function openInfer(options: InferOptions): Infer {
  const kept = new Map<string, Kept>();
  const byKey = new Map<string, string>();
  const closing = new AbortController();

  function start(args: InferArgs, caller: Caller, call: CallOptions = {}): Generation {
    const owner = ownerOf(caller);
    const hash = requestHash(args);
    const key = args.idempotency_key === undefined ? undefined : `${owner}\n${args.idempotency_key}`;
    const known = key === undefined ? undefined : kept.get(byKey.get(key) ?? "");
    if (known) {
      if (known.hash !== hash) throw keyConflict(args, known.generation.id);
      return known.generation;
    }
    const generation = new Generation(newId("gen", options.rng), options.clock.now());
    kept.set(generation.id, { generation, owner, hash, args });
    if (key !== undefined) byKey.set(key, generation.id);
    prune(kept, byKey);
    void drive(generation, args, caller, call.signal);
    return generation;
  }

  async function drive(
    generation: Generation,
    args: InferArgs,
    caller: Caller,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const signals = [generation.signal, closing.signal];
    // A caller who gave a key may come back for the answer: only the others' hanging up stops the call.
    if (signal && args.idempotency_key === undefined) signals.push(signal);
    using limit = deadline(args.timeout_ms ?? inferLimits.timeoutMsDefault, AbortSignal.any(signals));
    generation.finish(await run(generation, args, caller, limit.signal, options));
  }

  function find(id: string, caller: Caller): Kept {
    const found = kept.get(id);
    if (found && found.owner === ownerOf(caller)) return found;
    throw new SwitchyardError("not_found", `there is no generation ${id} for this caller`, {
      next: "Check the id; results are kept for a limited time",
      details: { id },
    });
  }

  return {
    start,
    async run(args, caller, call = {}) {
      const generation = start(args, caller, call);
      const waitMs = args.wait_ms ?? inferLimits.waitMsDefault;
      const result = await within(generation, waitMs, options.clock, call);
      if (result.status === "failed" || result.status === "cancelled") throw asError(result);
      return result;
    },
    async result(args, caller, call = {}) {
      const { generation } = find(args.id, caller);
      if (args.cancel) generation.cancel();
      const result = await within(
        generation,
        args.cancel ? inferLimits.waitMsDefault : (args.wait_ms ?? 0),
        options.clock,
        call,
      );
      return since(result, generation, args.from ?? 0);
    },
    async close() {
      closing.abort();
      await Promise.all([...kept.values()].map(({ generation }) => generation.done));
    },
  };
}

/** The result, or the state so far when it takes longer than the caller waits. */
async function within(generation: Generation, waitMs: number, clock: Clock, call: CallOptions): Promise<InferResult> {
  if (!generation.result && waitMs > 0) {
    const enough = new AbortController();
    const signal = call.signal ? AbortSignal.any([call.signal, enough.signal]) : enough.signal;
    const watching = call.onProgress ? report(generation, call.onProgress, signal) : undefined;
    await Promise.race([generation.done, clock.sleep(waitMs, signal).catch(() => undefined)]);
    enough.abort();
    await watching;
  }
  // A caller who hung up has no use for "running": the call that it withdrew is about to end.
  if (call.signal?.aborted) return await generation.done;
  return generation.result ?? running(generation);
}

async function report(
  generation: Generation,
  onProgress: NonNullable<CallOptions["onProgress"]>,
  signal: AbortSignal,
): Promise<void> {
  for await (const { seq, event } of generation.read(0, signal)) {
    if (event.type === "text") onProgress({ progress: seq + 1, message: event.text });
    else if (event.type === "attempt" && event.outcome !== "succeeded")
      onProgress({ progress: seq + 1, message: `${event.model}: ${event.outcome}` });
  }
}

function running(generation: Generation): InferResult {
  const start = generation.events.find(({ event }) => event.type === "start")?.event;
  return {
    id: generation.id,
    status: "running",
    model: start?.type === "start" ? (start.model ?? "") : "",
    provider: "",
    output: { text: textSince(generation.events) },
    cost: { total: "0", list: "0" },
    attempts: [],
    cached: false,
    warnings: [],
  };
}

function since(result: InferResult, generation: Generation, from: number): ResumedResult {
  const output = from > 0 ? { ...result.output, text: textSince(generation.events.slice(from)) } : result.output;
  return { ...result, output, events_from: from, events_next: generation.events.length };
}

function textSince(events: readonly GenerationEvent[]): string {
  return events.map(({ event }) => (event.type === "text" ? event.text : "")).join("");
}

function ownerOf(caller: Caller): string {
  return `${caller.workspace}\n${caller.key ?? ""}`;
}

/** Finished generations are kept up to a number; the oldest go first. */
function prune(kept: Map<string, Kept>, byKey: Map<string, string>): void {
  for (const [id, { generation }] of kept) {
    if (kept.size <= inferLimits.generationsKeptMax) return;
    if (generation.result) kept.delete(id);
  }
  for (const [key, id] of byKey) if (!kept.has(id)) byKey.delete(key);
}

function asError(result: InferResult): SwitchyardError {
  const { error, output, id, attempts, cost } = result;
  const facts = error ?? {
    code: "internal" as const,
    message: "the call failed",
    next: "Call again",
    retryable: true,
    details: {},
  };
  const partial = output.text ? { partial_text: output.text } : {};
  return new SwitchyardError(facts.code, facts.message, {
    next: facts.next,
    retryable: facts.retryable,
    details: { ...facts.details, generation: id, cost: cost.total, attempts, ...partial },
  });
}

function keyConflict(args: InferArgs, id: string): SwitchyardError {
  return new SwitchyardError(
    "conflict",
    `idempotency_key ${JSON.stringify(args.idempotency_key)} was used for another request`,
    {
      next: "Use a new key for a new request, or repeat the first request exactly",
      details: { generation: id },
    },
  );
}
