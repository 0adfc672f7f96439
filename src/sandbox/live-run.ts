import type { Clock } from "../core/clock.ts";
import { abortError } from "../core/deadline.ts";
import { SwitchyardError, toErrorFacts } from "../core/errors.ts";
import type { Json } from "../core/json.ts";
import { sandboxLimits } from "../core/limits.ts";
import type { LogEntry } from "./exec-result.ts";
import type { SandboxHost } from "./host.ts";
import type { Placement, Pool, PoolRun } from "./pool/pool.ts";
import type { FromThread, Job, Outcome, RunError, RunStatus, StopReason } from "./protocol.ts";

export interface LiveRunOptions {
  readonly job: Job;
  readonly timeoutMs: number;
  readonly host: SandboxHost;
  readonly signal: AbortSignal | undefined;
  readonly onLog: ((entry: LogEntry) => void) | undefined;
  readonly clock: Clock;
  readonly pool: Pool;
}

/** A run's end with all that happened on the way. */
export interface FinishedRun {
  readonly outcome: Outcome;
  readonly logs: LogEntry[];
  readonly areLogsCut: boolean;
  readonly calls: number;
  readonly wallMs: number;
}

/**
 * One run from the pool's side: places it, carries its calls to the host, and sees to it that it ends. At its deadline
 * it is asked to stop; a run that is still inside its own code shortly after loses its thread.
 */
export class LiveRun implements PoolRun {
  readonly job: Job;
  readonly finished: Promise<FinishedRun>;
  #options: LiveRunOptions;
  #startMs: number;
  #placement: Placement | undefined;
  #controller = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #logs: LogEntry[] = [];
  #areLogsCut = false;
  #calls = 0;
  #retries = 0;
  #isDone = false;
  #resolve: (run: FinishedRun) => void = () => {};
  #onAbort = () => this.#stop("cancelled");

  constructor(options: LiveRunOptions) {
    this.job = options.job;
    this.#options = options;
    this.#startMs = options.clock.monotonicMs();
    this.finished = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    this.#timer = setTimeout(() => this.#stop("timeout"), options.timeoutMs);
    options.signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.#place();
  }

  remainingMs(): number {
    return Math.max(0, this.#options.timeoutMs - (this.#options.clock.monotonicMs() - this.#startMs));
  }

  onMessage(message: FromThread & { run: number }): void {
    if (this.#isDone || message.run !== this.#placement?.run) return;
    if (message.op === "call") void this.#call(this.#placement, message.call, message.name, message.args);
    else if (message.op === "log") this.#log(message);
    else if (message.op === "done") this.#finish(this.#explained(message.outcome));
    else this.#retry({ name: "EvictedError", message: "the sandbox had no memory left to start the program" });
  }

  onLost({ isCause, isOutOfMemory, hadStarted }: Parameters<PoolRun["onLost"]>[0]): void {
    if (this.#isDone) return;
    if (isCause && isOutOfMemory) {
      const message = "the program made the sandbox itself run out of memory";
      this.#finish(lost("memory", { name: "MemoryError", message }));
      return;
    }
    const error: RunError = {
      name: "EvictedError",
      message: "the sandbox thread that this program shared was stopped because of another program; run it again",
      code: "evicted",
    };
    if (hadStarted && this.#calls > 0) this.#finish(lost("evicted", error));
    else this.#retry(error);
  }

  onUnavailable(): void {
    const message = "the sandbox cannot start a thread";
    this.#finish(lost("evicted", { name: "UnavailableError", message, code: "unavailable" }));
  }

  #place(): void {
    this.#placement = undefined;
    this.#options.pool.place(this, (placement) => {
      this.#placement = placement;
    });
  }

  /** Starts again on another thread: nothing outside has seen anything of this run. */
  #retry(error: RunError): void {
    if (++this.#retries > sandboxLimits.evictionRetriesMax) {
      this.#finish(lost("evicted", error));
      return;
    }
    this.#logs = [];
    this.#areLogsCut = false;
    this.#place();
  }

  #stop(reason: StopReason): void {
    const placement = this.#placement;
    if (this.#isDone) return;
    clearTimeout(this.#timer);
    this.#controller.abort(reason === "cancelled" ? this.#options.signal?.reason : undefined);
    if (!placement) {
      this.#finish(lost(reason, this.#stopError(reason)));
      return;
    }
    placement.stop(reason);
    this.#timer = setTimeout(() => {
      // A run that waits behind another's code is answered here; its thread drops it when it gets to it.
      if (placement.isInGuest()) placement.kill();
      this.#finish(lost(reason, this.#stopError(reason)));
    }, sandboxLimits.killGraceMs);
  }

  /** The thread knows only what was left of the time when it took the run up. */
  #explained(outcome: Outcome): Outcome {
    const { status } = outcome;
    return status === "timeout" || status === "cancelled" ? { ...outcome, error: this.#stopError(status) } : outcome;
  }

  #stopError(reason: StopReason): RunError {
    if (reason === "cancelled") return { name: "CancelledError", message: "the call was cancelled" };
    return { name: "TimeoutError", message: `the program did not end within its ${this.#options.timeoutMs} ms` };
  }

  #log({ level, text, atMs, isLast }: FromThread & { op: "log" }): void {
    this.#areLogsCut ||= isLast;
    if (isLast && text === "") return;
    const entry = { level, text, at_ms: atMs };
    this.#logs.push(entry);
    this.#options.onLog?.(entry);
  }

  async #call(placement: Placement, call: number, name: string, argsText: string): Promise<void> {
    this.#calls++;
    const { host } = this.#options;
    const { signal } = this.#controller;
    try {
      if (!host.names.includes(name)) {
        throw new SwitchyardError("not_found", `there is no ${name}() in this sandbox`, {
          next: `Use one of ${host.names.join(", ")}`,
        });
      }
      const args = JSON.parse(argsText) as readonly Json[];
      const answer = await host.call(name, args, { signal });
      const text = (JSON.stringify(answer) as string | undefined) ?? "";
      if (Buffer.byteLength(text) > sandboxLimits.hostCallBytesMax) {
        throw new SwitchyardError(
          "too_large",
          `what ${name}() answered is more than ${sandboxLimits.hostCallBytesMax} bytes`,
          {
            next: "Ask for less, in pages or by reference",
          },
        );
      }
      placement.answer(call, "ok", text);
    } catch (error) {
      const { code, message, next } = toErrorFacts(signal.aborted ? abortError(signal) : error);
      placement.answer(
        call,
        "error",
        JSON.stringify({ name: "SwitchyardError", message: `${message}. ${next}`, code }),
      );
    }
  }

  #finish(outcome: Outcome): void {
    if (this.#isDone) return;
    this.#isDone = true;
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener("abort", this.#onAbort);
    this.#options.pool.withdraw(this);
    this.#controller.abort();
    this.#resolve({
      outcome,
      logs: this.#logs,
      areLogsCut: this.#areLogsCut,
      calls: this.#calls,
      wallMs: this.#options.clock.monotonicMs() - this.#startMs,
    });
  }
}

/** The outcome of a run whose thread cannot say anything of it. */
function lost(status: RunStatus, error: RunError): Outcome {
  return { status, result: "", isResultCut: false, error, cpuMs: 0, memoryBytes: 0 };
}
