import type { Clock } from "../core/clock.ts";
import { abortError } from "../core/deadline.ts";
import { cancelled, SwitchyardError, toErrorFacts } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { sandboxLimits } from "../core/limits.ts";
import type { LogEntry } from "./exec-result.ts";
import type { SandboxHost } from "./host.ts";
import type { AnswerKind } from "./isolate.ts";
import type { Pacer } from "./pacer.ts";
import type { Placement, PoolRun, RunPool } from "./pool/run-pool.ts";
import type { Job, Outcome, Recording, RunError, RunMessage, RunStatus, StopReason } from "./protocol.ts";
import { Recorder } from "./recorder.ts";

export interface LiveRunOptions {
  readonly job: Job;
  readonly timeoutMs: number;
  readonly host: SandboxHost;
  readonly onLog: (entry: LogEntry) => void;
  readonly clock: Clock;
  readonly pool: RunPool;
  readonly pacer: Pacer;
}

/** A run's end with all that happened on the way. */
export interface FinishedRun {
  readonly outcome: Outcome;
  readonly recording: Recording | null;
}

/**
 * One run from the pool's side: places it, carries its calls to the host, and sees to it that it ends. At its deadline
 * it is asked to stop; a run that is still inside its own code shortly after loses its thread.
 */
export class LiveRun implements PoolRun {
  readonly job: Job;
  readonly finished: Promise<FinishedRun>;
  logs: LogEntry[] = [];
  areLogsCut = false;
  calls = 0;
  #options: LiveRunOptions;
  #startMs: number;
  #placement: Placement | undefined;
  #underWay = new Map<number, AbortController>();
  #recorder = new Recorder();
  #timer: NodeJS.Timeout;
  #retries = 0;
  /** A program's time begins when it has a place to run, and goes on when it has to find another. */
  #isTiming = false;
  #stopping: StopReason | undefined;
  #endMs: number | undefined;
  #resolve: (run: FinishedRun) => void = () => {};

  constructor(options: LiveRunOptions) {
    this.job = options.job;
    this.#options = options;
    this.#startMs = options.clock.monotonicMs();
    this.finished = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#timer = setTimeout(() => this.onUnavailable(), sandboxLimits.placeMsMax);
    this.#place();
  }

  get wallMs(): number {
    return (this.#endMs ?? this.#options.clock.monotonicMs()) - this.#startMs;
  }

  remainingMs(): number {
    if (!this.#isTiming) this.#startMs = this.#options.clock.monotonicMs();
    return Math.max(0, this.#options.timeoutMs - this.wallMs);
  }

  /** Asks the run to stop, and ends it in any case a moment later. */
  stop(reason: StopReason): void {
    if (this.#isDone || this.#stopping) return;
    this.#stopping = reason;
    clearTimeout(this.#timer);
    this.#abortCalls();
    const placement = this.#placement;
    if (!placement) {
      this.#finish(this.#lost(reason, undefined));
      return;
    }
    placement.stop(reason);
    this.#timer = setTimeout(() => {
      // A run that waits behind another's code is answered here; its thread drops it when it gets to it.
      const outcome = this.#lost(reason, undefined);
      if (placement.isInGuest()) placement.kill();
      this.#finish(outcome);
    }, sandboxLimits.killGraceMs);
  }

  onMessage(message: RunMessage): void {
    if (this.#isDone || message.run !== this.#placement?.run) return;
    if (message.op === "call") void this.#call(this.#placement, message);
    else if (message.op === "cancel") this.#underWay.get(message.call)?.abort(cancelled());
    else if (message.op === "log") this.#log(message);
    else if (message.op === "done") this.#finish(message.outcome);
    else this.#retry(evicted("the sandbox had no memory left to start the program"));
  }

  onLost({ isCause, isOutOfMemory, hadStarted }: Parameters<PoolRun["onLost"]>[0]): void {
    if (this.#isDone) return;
    if (this.#stopping) {
      this.#finish(this.#lost(this.#stopping, undefined));
      return;
    }
    if (isCause && isOutOfMemory) {
      const message = "the program made the sandbox itself run out of memory";
      this.#finish(this.#lost("memory", { name: "MemoryError", message }));
      return;
    }
    const error = evicted("what this program ran in had to be stopped through no fault of its own; run it again");
    if (hadStarted && this.calls > 0) this.#finish(this.#lost("evicted", error));
    else this.#retry(error);
  }

  onOverrun(): void {
    if (this.#isDone) return;
    this.#stopping = "timeout";
    const message = `the program used its ${this.job.limits.cpuMs} ms of CPU time`;
    const placement = this.#placement;
    this.#finish(this.#lost("timeout", { name: "TimeoutError", message }));
    placement?.kill();
  }

  onUnavailable(): void {
    const message = "the sandbox cannot start the engine";
    const error: RunError = { name: "UnavailableError", message, code: "unavailable", retryable: true };
    this.#finish(this.#lost("evicted", error));
  }

  get #isDone(): boolean {
    return this.#endMs !== undefined;
  }

  #place(): void {
    this.#placement = undefined;
    this.#options.pool.place(this, (placement) => {
      this.#placement = placement;
      if (this.#isTiming) return;
      this.#isTiming = true;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.stop("timeout"), this.#options.timeoutMs);
    });
  }

  /** Starts again on another thread: nothing outside has seen anything of this run. */
  #retry(error: RunError): void {
    if (this.#stopping) this.#finish(this.#lost(this.#stopping, undefined));
    else if (++this.#retries > sandboxLimits.evictionRetriesMax) this.#finish(this.#lost("evicted", error));
    else {
      this.logs = [];
      this.areLogsCut = false;
      this.#place();
    }
  }

  #log({ level, text, atMs, isLast }: RunMessage & { op: "log" }): void {
    this.areLogsCut ||= isLast;
    if (isLast && text === "") return;
    const entry = { level, text, at_ms: atMs };
    this.logs.push(entry);
    this.#options.onLog(entry);
  }

  async #call(placement: Placement, message: RunMessage & { op: "call" }): Promise<void> {
    const { call, name, args } = message;
    this.calls++;
    this.#recorder.call(name, args);
    const controller = new AbortController();
    const { signal } = controller;
    this.#underWay.set(call, controller);
    const answer = (kind: AnswerKind, text: string) => {
      if (this.#isDone) return;
      this.#recorder.answer({ call, kind, text });
      placement.answer(call, kind, text);
    };
    try {
      const value = await this.#callHost(message, signal, (chunk) => answer("chunk", this.#text(name, chunk)));
      answer("ok", this.#text(name, value));
    } catch (error) {
      const { code, message, next } = toErrorFacts(signal.aborted ? abortError(signal) : error);
      answer("error", JSON.stringify({ name: "SwitchyardError", message: `${message}. ${next}`, code }));
    } finally {
      this.#underWay.delete(call);
    }
  }

  async #callHost(
    { name, args: argsText, values }: RunMessage & { op: "call" },
    signal: AbortSignal,
    onChunk: (chunk: Json) => void,
  ): Promise<Json> {
    const { host, pacer } = this.#options;
    if (!host.names.includes(name)) {
      throw new SwitchyardError("not_found", `there is no ${name}() in this sandbox`, {
        next: `Use one of ${host.names.join(", ")}`,
      });
    }
    const { hostCallValuesMax } = sandboxLimits;
    if (values > hostCallValuesMax) {
      throw new SwitchyardError("too_large", `the arguments of ${name}() hold more than ${hostCallValuesMax} values`, {
        next: "Pass less at once, or as one text",
      });
    }
    await pacer.turn(argsText.length);
    const args: unknown = JSON.parse(argsText);
    if (!Array.isArray(args))
      throw new SwitchyardError("invalid_request", "arguments are a list", { next: "Pass a list" });
    const wantsChunks = (args[2] as { stream?: unknown } | null | undefined)?.stream === true;
    const value = await host.call(name, args as readonly Json[], {
      signal,
      onChunk: wantsChunks ? onChunk : undefined,
    });
    return value;
  }

  #text(name: string, value: Json): string {
    const text = (JSON.stringify(value) as string | undefined) ?? "";
    const { callBytes } = this.job.limits;
    if (text.length <= callBytes / 3 || Buffer.byteLength(text) <= callBytes) return text;
    throw new SwitchyardError("too_large", `what ${name}() answered is more than ${callBytes} bytes`, {
      next: "Ask for less, in pages or by reference",
    });
  }

  #abortCalls(): void {
    for (const controller of this.#underWay.values()) controller.abort(cancelled("the run has ended"));
  }

  #finish(outcome: Outcome): void {
    if (this.#isDone) return;
    this.#endMs = this.#options.clock.monotonicMs();
    clearTimeout(this.#timer);
    this.#options.pool.withdraw(this);
    this.#abortCalls();
    const { status } = outcome;
    const isStopped = (status === "timeout" || status === "cancelled") && !outcome.error;
    const error = isStopped ? this.#stopError(status) : outcome.error;
    this.#resolve({ outcome: { ...outcome, error }, recording: this.#recorder.recording(outcome.trace) });
  }

  /** The outcome of a run whose thread cannot say anything of it. One that was evicted has used nothing of its own. */
  #lost(status: RunStatus, error: RunError | undefined): Outcome {
    const cpuMs = status === "evicted" ? 0 : (this.#placement?.cpuMs() ?? 0);
    return { status, result: "", isResultCut: false, error, cpuMs, memoryBytes: 0, trace: null };
  }

  #stopError(reason: StopReason): RunError {
    if (reason === "cancelled") return { name: "CancelledError", message: "the call was cancelled" };
    return { name: "TimeoutError", message: `the program did not end within its ${this.#options.timeoutMs} ms` };
  }
}

function evicted(message: string): RunError {
  return { name: "EvictedError", message, code: "evicted", retryable: true };
}
