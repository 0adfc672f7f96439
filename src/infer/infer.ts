import type { Caller, CallOptions } from "../core/caller.ts";
import { deadline, waitOver } from "../core/deadline.ts";
import { SwitchyardError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import { inferLimits } from "../core/limits.ts";
import { followGeneration } from "./follow.ts";
import { Generation, type GenerationEvent } from "./generation.ts";
import type { GenerationOwner, StoredGeneration } from "./generation-store.ts";
import { cancelWhenGone, type Handover } from "./handover.ts";
import { reportProgress } from "./progress.ts";
import type { Retention } from "./purge-generations.ts";
import { startPurging } from "./purging.ts";
import { type RecordOptions, recordedRequest } from "./recorded-request.ts";
import { type InferArgs, requestHash } from "./request.ts";
import { errorOfResult, type InferResult } from "./result.ts";
import { isStoppedByCaller, openRunner, type RunnerOptions } from "./runner.ts";
import { runningResult, textOf } from "./snapshot.ts";
import { inlineMessages } from "./tasks/inline-messages.ts";

export interface ResultArgs {
  readonly id: string;
  /** Give only what came from this event on. */
  readonly from?: number | undefined;
  readonly wait_ms?: number | undefined;
  readonly cancel?: boolean | undefined;
}

/** A generation asked for later: the result so far, and where its events begin and go on. */
export type ResumedResult = InferResult & {
  readonly events_from: number;
  readonly events_next: number;
};

export interface Infer {
  /** Calls a model and waits for its answer, at most `wait_ms`. @throws the error of a call that failed. */
  run(args: InferArgs, caller: Caller, options?: CallOptions): Promise<InferResult>;
  /** Calls a model and gives its generation at once; the events can be read while they come. */
  start(args: InferArgs, caller: Caller, options?: CallOptions): Promise<Generation>;
  /** Runs a generation that another process has written down, to its end. `onEvents` is told of events as they come. */
  adopt(id: string, args: InferArgs, caller: Caller, options?: AdoptOptions): Adopted;
  /** A generation by its id, whichever process runs it. @throws not_found when it is not the caller's, or no longer kept. */
  result(args: ResultArgs, caller: Caller, options?: CallOptions): Promise<ResumedResult>;
  /** A generation by its id, to read its events from any place on. @throws not_found as `result` does. */
  find(id: string, caller: Caller, signal?: AbortSignal): Generation;
  close(): Promise<void>;
}

export interface AdoptOptions {
  readonly traceparent?: string | undefined;
  readonly onEvents?: ((events: readonly GenerationEvent[]) => void) | undefined;
}

export interface Adopted {
  /** Resolves when its end is on the disk. */
  readonly ended: Promise<void>;
  cancel(): void;
}

export interface InferOptions extends RunnerOptions {
  readonly keeper?: Handover | undefined;
  /** How long calls are kept; for good where it is absent. */
  readonly retention?: Retention | undefined;
  /** What is recorded of them beyond what is needed to take them up again; nothing where it is absent. */
  readonly record?: RecordOptions | undefined;
}

/** A number in memory is as large as so many characters of text. */
const charactersPerNumber = 4;

export function openInfer(options: InferOptions): Infer {
  const { store, clock, rng, resolver } = options;
  /** Finished ones too, until there are too many: an answer that was just given needs no disk. */
  const recent = new Map<string, { generation: Generation; owner: GenerationOwner }>();
  const runner = openRunner(options, (generation, result) => {
    // Whoever asks for it again reads it from the disk.
    if (isLarge(generation, result)) recent.delete(generation.id);
  });
  const stopPurging = options.retention && startPurging(store, options.retention);

  const following = { resolver, takeOverJobs: () => runner.takeOverJobs() };

  async function start(given: InferArgs, caller: Caller, call: CallOptions = {}): Promise<Generation> {
    const owner = ownerOf(caller);
    const hash = requestHash(given);
    const args = await inlineMessages(given, caller, options.sources);
    const generation = new Generation(newId("gen", rng, clock.now()), clock.now(), (events) =>
      store.append(generation.id, events),
    );
    const begun = store.begin({
      id: generation.id,
      owner,
      idempotencyKey: args.idempotency_key,
      requestHash: hash,
      model: args.model,
      ...(options.record?.prompts ? { request: recordedRequest(given, options.record) } : {}),
    });
    const isForKeeper = options.keeper?.takes(args) === true;
    if (args.idempotency_key === undefined && !isForKeeper) {
      // Nobody else can have begun it: planning and reserving need not wait, and asking a provider does.
      void runner.run(generation, args, caller, call, begun);
      await begun;
      return keep(generation, owner);
    }
    const known = await begun;
    if (known) {
      if (known.requestHash !== hash) throw keyConflict(args, known.id);
      return generationOf(known, call.signal);
    }
    const handedOver = isForKeeper && (await handOver(generation.id, args, caller, call));
    if (handedOver) return handedOver;
    keep(generation, owner);
    void runner.run(generation, args, caller, call);
    return generation;
  }

  /** Gives a generation to the keeper, and follows it. Undefined: nobody took it. */
  async function handOver(id: string, args: InferArgs, caller: Caller, call: CallOptions) {
    const run = await options.keeper?.start(id, args, caller, call.traceparent);
    const stored = run && store.find(id, ownerOf(caller));
    if (!stored) return undefined;
    const generation = followGeneration(stored, store, clock, { ...following, run }, runner.closing);
    if (call.signal && isStoppedByCaller(args)) cancelWhenGone(generation, call.signal);
    return keep(generation, ownerOf(caller));
  }

  function keep(generation: Generation, owner: GenerationOwner): Generation {
    recent.set(generation.id, { generation, owner });
    trim(recent);
    return generation;
  }

  /** The generation as it runs here, or one that follows the process that runs it. */
  function generationOf(stored: StoredGeneration, signal?: AbortSignal): Generation {
    return (
      recent.get(stored.id)?.generation ??
      followGeneration(
        stored,
        store,
        clock,
        following,
        signal ? AbortSignal.any([signal, runner.closing]) : runner.closing,
      )
    );
  }

  function find(id: string, caller: Caller, signal?: AbortSignal): Generation {
    const owner = ownerOf(caller);
    const here = recent.get(id);
    if (here && here.owner.workspace === owner.workspace && here.owner.key === owner.key) return here.generation;
    const stored = store.find(id, owner);
    if (stored) return generationOf(stored, signal);
    throw new SwitchyardError("not_found", `there is no generation ${id} for this caller`, {
      next: "Check the id; results are kept for a limited time",
      details: { id },
    });
  }

  /** The result, or the state so far when it takes longer than the caller waits. */
  async function within(generation: Generation, waitMs: number, call: CallOptions): Promise<InferResult> {
    await generation.caughtUp;
    if (!generation.result && waitMs > 0) {
      const enough = new AbortController();
      const signal = call.signal ? AbortSignal.any([call.signal, enough.signal]) : enough.signal;
      const reporting = call.onProgress && reportProgress(generation, call.onProgress, signal);
      await Promise.race([generation.done, clock.sleep(waitMs, signal).catch(() => undefined)]);
      enough.abort(waitOver);
      await reporting;
    }
    return generation.result ?? runningResult(generation);
  }

  return {
    start,
    adopt(id, args, caller, { traceparent, onEvents } = {}) {
      const generation = new Generation(id, store.look(id)?.createdAtMs ?? clock.now(), (events) => {
        store.append(id, events);
        onEvents?.(events);
      });
      return { ended: runner.run(generation, args, caller, { traceparent }), cancel: () => generation.cancel() };
    },
    find,
    async run(args, caller, call = {}) {
      const generation = await start(args, caller, call);
      const result = await within(generation, args.wait_ms ?? inferLimits.waitMsDefault, call);
      if (result.status === "failed" || result.status === "cancelled") throw errorOfResult(result);
      return result;
    },
    async result(args, caller, call = {}) {
      const limit = deadline(inferLimits.waitMsMax, call.signal);
      const generation = find(args.id, caller, limit.signal);
      if (args.cancel) {
        generation.cancel();
        // Another process may run it, and looks for this.
        if (!runner.isRunning(args.id)) await store.cancel(args.id);
      }
      const waitMs = args.cancel ? inferLimits.waitMsDefault : (args.wait_ms ?? 0);
      const result = await within(generation, waitMs, call).finally(limit.clear);
      const from = args.from ?? 0;
      const output = from > 0 ? { ...result.output, text: textOf(generation.events.slice(from)) } : result.output;
      return { ...result, output, events_from: from, events_next: generation.events.length };
    },
    async close() {
      options.keeper?.close();
      await runner.close();
      await stopPurging?.();
      await Promise.all([store.close(), options.cache.close()]);
    },
  };
}

function ownerOf(caller: Caller): GenerationOwner {
  return { workspace: caller.workspace, key: caller.key ?? "" };
}

/** Whether a finished generation is more than is kept in memory for its own sake. */
function isLarge({ events }: Generation, { output }: InferResult): boolean {
  const { embeddings = [] } = output;
  let characters = embeddings.length * (embeddings[0]?.length ?? 0) * charactersPerNumber;
  for (const { event } of events) if ("text" in event) characters += event.text.length;
  return characters > inferLimits.generationInMemoryCharactersMax;
}

function trim(recent: Map<string, { generation: Generation }>): void {
  for (const [id, { generation }] of recent) {
    if (recent.size <= inferLimits.generationsInMemoryMax) return;
    if (generation.result) recent.delete(id);
  }
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
