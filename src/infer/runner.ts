import { type Caller, type CallOptions, localCaller } from "../core/caller.ts";
import { deadline } from "../core/deadline.ts";
import { inferLimits } from "../core/limits.ts";
import type { Blobs } from "../store/blobs.ts";
import type { Drains } from "./attempts/upstream.ts";
import type { AnswerCache } from "./cache/answer-cache.ts";
import { AnswersOnce } from "./cache/answer-once.ts";
import { passingOn, type Telemetry } from "./call-trace.ts";
import { Generation, type GenerationEvent } from "./generation.ts";
import type { GenerationStore } from "./generation-store.ts";
import { lostGeneration } from "./lost-generation.ts";
import type { InferArgs } from "./request.ts";
import type { InferResult } from "./result.ts";
import { taskOf } from "./routes/models-of-call.ts";
import { type RunDependencies, run } from "./run.ts";
import type { JobRecord } from "./tasks/job-record.ts";
import type { MediaSources } from "./tasks/media-input.ts";
import { resumeJob, runTask } from "./tasks/run-task.ts";
import type { TaskDependencies } from "./tasks/task-course.ts";

export interface RunnerOptions extends RunDependencies {
  readonly store: GenerationStore;
  readonly blobs: Blobs;
  readonly sources: MediaSources;
  readonly cache: AnswerCache;
  readonly telemetry?: Telemetry | undefined;
}

/** Runs generations in this process to their ends, and goes on with those of processes that are gone. */
export interface Runner {
  /** Aborts when this process is about to end. */
  readonly closing: AbortSignal;
  isRunning(id: string): boolean;
  /** Runs a generation to its end. No provider is asked before `begun` settles. Never rejects. */
  run(
    generation: Generation,
    args: InferArgs,
    caller: Caller,
    call: CallOptions,
    begun?: Promise<unknown>,
  ): Promise<void>;
  /** Goes on with jobs whose processes are gone. */
  takeOverJobs(): Promise<void>;
  /** Stops what runs, but for jobs: another process goes on with those. */
  close(): Promise<void>;
}

/** `onKept` is told of generations that have ended and are on the disk. */
export function openRunner(
  options: RunnerOptions,
  onKept: (generation: Generation, result: InferResult) => void,
): Runner {
  const { store, resolver, telemetry = passingOn } = options;
  const running = new Map<string, { generation: Generation; finished: Promise<void> }>();
  const closing = new AbortController();
  const answers = new AnswersOnce(options);
  const drains: Drains = { closing: closing.signal, running: 0 };
  const heartbeat = setInterval(() => {
    // A heartbeat that fails is made good by the next; the lease outlasts several.
    if (running.size === 0) return;
    store
      .heartbeat([...running.keys()])
      .then((cancelledIds) => {
        for (const id of cancelledIds) running.get(id)?.generation.cancel();
      })
      .catch(() => undefined);
  }, inferLimits.runnerHeartbeatMs);
  heartbeat.unref();
  /** Generations that wait for a job at their provider: this process may end without ending them. */
  const withJob = new Set<string>();
  const taskDeps: Omit<TaskDependencies, "trace"> = {
    ...options,
    isClosing: () => closing.signal.aborted,
    saveJob(id, record) {
      withJob.add(id);
      // The next sign of the job's progress writes it again.
      store.saveJob(id, JSON.stringify(record)).catch(() => undefined);
    },
  };
  const sweep = setInterval(() => {
    void takeOverJobs().catch(() => undefined);
    void endLost().catch(() => undefined);
  }, inferLimits.jobSweepMs);
  sweep.unref();

  /** Goes on with jobs whose processes are gone. */
  async function takeOverJobs(): Promise<void> {
    for (const { stored, job, events } of await store.claimJobs(inferLimits.jobsTakenOverAtOnce)) {
      const keepEvents = (added: readonly GenerationEvent[]) => store.append(stored.id, added);
      const generation = new Generation(stored.id, stored.createdAtMs, keepEvents, events);
      const record = JSON.parse(job) as JobRecord;
      withJob.add(stored.id);
      const trace = jobTrace(stored.id, record);
      const resume = async (signal: AbortSignal) => {
        const result = await resumeJob(generation, record, signal, { ...taskDeps, trace });
        trace.ended(result);
        return result;
      };
      const finished = ended(generation, resume, []);
      running.set(stored.id, { generation, finished: finished.finally(() => running.delete(stored.id)) });
    }
  }

  /** What is seen of a job that is gone on with: its own trace, for what came before is not known here. */
  function jobTrace(id: string, { model, workspace }: JobRecord) {
    const caller: Caller = { ...localCaller, workspace };
    return telemetry.call({ id, args: { model }, caller, task: resolver.find(model)?.task ?? "video" });
  }

  /** Ends generations whose processes are gone and that nobody asks for. */
  async function endLost(): Promise<void> {
    for (const stored of store.lost(inferLimits.jobsTakenOverAtOnce)) {
      const { result } = lostGeneration(stored, store.events(stored.id, 0, inferLimits.lostEventsMax), resolver);
      await store.abandon(stored.id, result);
    }
  }

  /** Runs a generation here to its end. */
  function drive(
    generation: Generation,
    args: InferArgs,
    caller: Caller,
    call: CallOptions,
    begun: Promise<unknown> = Promise.resolve(),
  ): Promise<void> {
    const finished = driven(generation, args, caller, call, begun).finally(() => running.delete(generation.id));
    running.set(generation.id, { generation, finished });
    return finished;
  }

  async function driven(
    generation: Generation,
    args: InferArgs,
    caller: Caller,
    { signal, traceparent }: CallOptions,
    begun: Promise<unknown>,
  ): Promise<void> {
    const callers = signal && isStoppedByCaller(args) ? [signal] : [];
    const task = taskOf(args.model, options);
    const trace = telemetry.call({ id: generation.id, args, caller, task, traceparent });
    await ended(
      generation,
      async (limit, keep) => {
        const result = await answers.answer(generation, args, caller, limit, (signal) =>
          task === "text"
            ? run(generation, args, caller, signal, { ...options, drains, trace, begun, keep })
            : runTask(generation, args, caller, signal, { ...taskDeps, trace, begun }),
        );
        trace.ended(result);
        return result;
      },
      callers,
      args.timeout_ms,
    );
  }

  /** Runs something to its end under a deadline, and writes down what came of it. */
  async function ended(
    generation: Generation,
    act: (signal: AbortSignal, keep: (result: InferResult) => Promise<unknown>) => Promise<InferResult>,
    callers: readonly AbortSignal[],
    timeoutMs: number = inferLimits.timeoutMsDefault,
  ): Promise<void> {
    const limit = deadline(timeoutMs, generation.signal, closing.signal, ...callers);
    let kept:
      | { readonly result: InferResult; readonly warnings: number; readonly isWritten: Promise<boolean> }
      | undefined;
    const write = (result: InferResult) =>
      store.finish(generation.id, result).then(
        () => true,
        () => false,
      );
    const result = await act(limit.signal, (result) => {
      kept = { result, warnings: result.warnings.length, isWritten: write(result) };
      return kept.isWritten;
    });
    limit.clear();
    const isLeft = result.status === "cancelled" && closing.signal.aborted && withJob.has(generation.id);
    withJob.delete(generation.id);
    // The answer is there and paid for: a disk that cannot keep it must not withhold it.
    if (isLeft) await store.leaveJob(generation.id).catch(() => undefined);
    const isWhole = kept?.result === result && kept.warnings === result.warnings.length;
    const isKept = !isLeft && (await (isWhole ? kept?.isWritten : write(result)));
    generation.finish(result);
    if (isKept) onKept(generation, result);
  }

  return {
    closing: closing.signal,
    isRunning: (id) => running.has(id),
    run: drive,
    takeOverJobs,
    async close() {
      clearInterval(heartbeat);
      clearInterval(sweep);
      closing.abort();
      await Promise.all([...running.values()].map(({ finished }) => finished));
    },
  };
}

/** A caller who gave a key may come back for the answer: only the others' hanging up stops the call. */
export function isStoppedByCaller({ idempotency_key: key }: InferArgs): boolean {
  return key === undefined;
}
