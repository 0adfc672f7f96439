import type { Clock } from "../../core/clock.ts";
import { throwIfAborted } from "../../core/deadline.ts";
import { inferLimits } from "../../core/limits.ts";
import type { ModelCard } from "../../core/model-card.ts";
import type { Usage } from "../../core/usage.ts";
import { joinUsage } from "../../providers/join.ts";
import type {
  Job,
  JobAdapter,
  JobState,
  Outcome,
  Succeeded,
  TaskAdapter,
  UnaryAdapter,
  Upload,
} from "../../providers/task-adapter.ts";
import { AttemptFailure, verdictOf } from "../attempts/failure.ts";
import { type ExchangeOptions, exchange } from "./exchange.ts";
import { joinParts } from "./join-parts.ts";
import { KeptParts } from "./kept-parts.ts";
import type { MayBeCharged } from "./may-be-charged.ts";

export interface PerformOptions extends ExchangeOptions {
  readonly clock: Clock;
  readonly card: ModelCard;
  /** Told of a job as soon as the provider has it, and of how far it is (0 to 1), so that another process could go on. */
  readonly onJob: (job: Job, progress: number | undefined) => void;
  /** This process ends, and the job is not to end with it. */
  readonly isClosing: () => boolean;
  /** What earlier attempts got done of a request that goes in parts. What this one gets done is put there too. */
  readonly kept?: KeptParts | undefined;
  readonly mayBeCharged: MayBeCharged;
}

/** A failure that was billed all the same. */
export class BilledFailure extends AttemptFailure {
  readonly usage: Usage;

  constructor(failure: AttemptFailure["failure"], usage: Usage) {
    super(failure, { delivered: true });
    this.usage = usage;
  }
}

/** Does a task to its end, by one exchange or by a job. @throws AttemptFailure; the signal's reason when it aborts. */
export async function perform<Request, Result>(
  adapter: TaskAdapter<Request, Result>,
  request: Request,
  options: PerformOptions,
): Promise<Succeeded<Result>> {
  const ready = await upload(adapter.uploads?.(request, options.card) ?? [], request, options);
  return adapter.kind === "unary" ? performUnary(adapter, ready, options) : performJob(adapter, ready, options);
}

async function upload<Request>(
  uploads: readonly Upload<Request>[],
  request: Request,
  options: PerformOptions,
): Promise<Request> {
  let current = request;
  for (const one of uploads) {
    const uploaded = one.uploaded(
      await exchange(one.request(options.credentials), { ...options, isOnceOnly: false, mayBeCharged: undefined }),
      current,
    );
    if (isFailure(uploaded)) throw new AttemptFailure(uploaded.failure, { delivered: false });
    current = uploaded as Request;
  }
  return current;
}

async function performUnary<Request, Result>(
  adapter: UnaryAdapter<Request, Result>,
  request: Request,
  options: PerformOptions,
): Promise<Succeeded<Result>> {
  const { card, credentials, kept = new KeptParts() } = options;
  const parts = adapter.split?.(request, card) ?? [request];
  kept.total = parts.length;
  // Each is paid for whatever becomes of the others, so none is given up because another failed.
  const settled = await Promise.allSettled(
    parts.map(async (part, at) => {
      if (kept.has(at)) return;
      const answer = await exchange(adapter.request(part, card, credentials), options);
      kept.keep(at, succeededOr(adapter.decode(answer, part, card), options));
      if (parts.length > 1) options.mayBeCharged.cleared();
    }),
  );
  const reasons = settled.flatMap((part): unknown[] => (part.status === "rejected" ? [part.reason] : []));
  if (reasons.length > 0) throw partsFailure(reasons, parts.length);
  return joinParts(card.task, kept.inOrder() as readonly Succeeded<Result>[]);
}

/** One failure of those of several parts: the one that allows the least to be tried again. */
function partsFailure(reasons: readonly unknown[], total: number): unknown {
  const failures = reasons.filter((reason) => reason instanceof AttemptFailure);
  const [first] = failures;
  if (!first || failures.length < reasons.length || total === 1) {
    return reasons.find((reason) => !(reason instanceof AttemptFailure)) ?? first;
  }
  const { failure, delivered, isProviderFault } = failures.find((one) => verdictOf(one) === "stop") ?? first;
  const named = { ...failure, message: `${failure.message} (${failures.length} of ${total} parts failed)` };
  const billed = failures.filter((one) => one instanceof BilledFailure).map(({ usage }) => usage);
  return billed.length > 0
    ? new BilledFailure(named, joinUsage(billed))
    : new AttemptFailure(named, { delivered, isProviderFault });
}

async function performJob<Request, Result>(
  adapter: JobAdapter<Request, Result>,
  request: Request,
  options: PerformOptions,
): Promise<Succeeded<Result>> {
  const { card, credentials } = options;
  const answer = await exchange(adapter.submit(request, card, credentials), options);
  return followJob(adapter, adapter.submitted(answer, request, card), options);
}

/** Asks for a job that a provider has until it ends, whoever submitted it. */
export async function followJob<Request, Result>(
  adapter: JobAdapter<Request, Result>,
  from: JobState<Result>,
  options: PerformOptions,
): Promise<Succeeded<Result>> {
  const { card, clock, credentials, signal } = options;
  const polling = { ...options, isOnceOnly: false, mayBeCharged: undefined };
  const endsAtMs = clock.monotonicMs() + inferLimits.jobMsMax;
  let state = from;
  let misses = 0;
  for (;;) {
    switch (state.state) {
      case "succeeded":
        return state;
      case "failed":
        // A provider bills a job that failed by saying so, or not at all.
        options.mayBeCharged.cleared();
        throw state.usage
          ? new BilledFailure(state.failure, state.usage)
          : new AttemptFailure(state.failure, { delivered: false });
      case "cancelled":
        throw new AttemptFailure(
          { kind: "server_error", message: "the job was cancelled at the provider" },
          { delivered: true },
        );
      case "ready": {
        const { job } = state;
        if (!adapter.fetch || !adapter.fetched)
          throw new Error(`${card.provider} has a job that is ready and cannot be fetched`);
        return succeededOr(
          adapter.fetched(await exchange(adapter.fetch(job, card, credentials), polling), job, card),
          options,
        );
      }
      case "running": {
        const { job, progress } = state;
        options.onJob(job, progress);
        if (clock.monotonicMs() > endsAtMs)
          throw new AttemptFailure({ kind: "timeout", message: "the job did not end in time" }, { delivered: true });
        await clock.sleep(adapter.pollEveryMs, signal).catch(async () => {
          if (!options.isClosing()) await cancelJob(adapter, job, options);
          throwIfAborted(signal);
        });
        try {
          state = adapter.polled(await exchange(adapter.poll(job, card, credentials), polling), job, card);
          misses = 0;
        } catch (error) {
          // The job goes on whether or not one question about it is answered.
          misses += 1;
          if (!(error instanceof AttemptFailure) || misses > inferLimits.jobPollMissesMax || signal.aborted)
            throw error;
        }
      }
    }
  }
}

/** Tells the provider that nobody wants the job any more. Best effort: its answer changes nothing. */
async function cancelJob<Request, Result>(
  adapter: JobAdapter<Request, Result>,
  job: Job,
  options: PerformOptions,
): Promise<void> {
  const request = adapter.cancel?.(job, options.card, options.credentials);
  if (!request) return;
  const signal = AbortSignal.timeout(inferLimits.cancelMsMax);
  await exchange(request, { ...options, signal, isOnceOnly: false, mayBeCharged: undefined }).catch(() => undefined);
}

function succeededOr<Result>(outcome: Outcome<Result>, { mayBeCharged }: PerformOptions): Succeeded<Result> {
  if (!("failure" in outcome)) return outcome;
  const { failure, usage } = outcome;
  // What cannot be read may be an answer that was paid for; what says that it failed is none.
  if (failure.kind !== "malformed") mayBeCharged.cleared();
  throw usage ? new BilledFailure(failure, usage) : new AttemptFailure(failure, { delivered: false });
}

function isFailure<T>(
  value: T | { readonly failure: AttemptFailure["failure"] },
): value is { readonly failure: AttemptFailure["failure"] } {
  return typeof value === "object" && value !== null && "failure" in value;
}
