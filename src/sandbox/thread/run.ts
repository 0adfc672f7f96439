import { sandboxLimits } from "../../core/limits.ts";
import type { GuestError, Isolate, IsolateListener, ProgramForm } from "../isolate.ts";
import { programForms } from "../program/forms.ts";
import { Modules } from "../program/modules.ts";
import type { FromThread, Job, Outcome, RunStatus, StopReason } from "../protocol.ts";
import type { SharedState } from "../shared-state.ts";
import { RunClock } from "./run-clock.ts";
import { placeError } from "./stack-position.ts";

export interface RunContext {
  readonly post: (message: FromThread) => void;
  readonly shared: SharedState;
  /** The run's instance is free again; the run will not touch it any more. */
  readonly onEnd: (run: Run) => void;
  /** The type stripper broke: this thread should not get new runs. */
  readonly onBroken: () => void;
}

/** One run inside its thread: enters the guest, keeps its timers and calls, and decides when it is over. */
export class Run implements IsolateListener {
  readonly number: number;
  readonly slot: number;
  readonly isolate: Isolate;
  #job: Job;
  #context: RunContext;
  #clock = new RunClock(Date.now());
  #startMs = performance.now();
  #deadlineMs: number;
  #cpuMs = 0;
  #form: ProgramForm | undefined;
  #modules: Modules;
  #timers = new Map<number, NodeJS.Timeout>();
  #calls = 0;
  #inFlight = 0;
  #waiting: { call: number; name: string; args: string }[] = [];
  #logBytes = 0;
  #logEntries = 0;
  #isLogFull = false;
  #stop: StopReason | undefined;
  #outcome: Pick<Outcome, "status" | "result" | "isResultCut" | "error"> | undefined;
  #isOver = false;

  constructor(number: number, slot: number, timeoutMs: number, job: Job, isolate: Isolate, context: RunContext) {
    this.number = number;
    this.slot = slot;
    this.isolate = isolate;
    this.#job = job;
    this.#context = context;
    this.#deadlineMs = this.#startMs + timeoutMs;
    this.#modules = new Modules(job.files, context.onBroken);
  }

  start(): void {
    const { names, seed, input, code, language } = this.#job;
    this.#slice(() => {
      this.isolate.begin(this, { names, seed }, input);
      let first: GuestError | undefined;
      for (const next of programForms(code, language)) {
        if (this.#outcome || this.#stop) return;
        if (next.kind === "fault") {
          if (next.isBroken) this.#context.onBroken();
          const fault = next.fault && { name: "SyntaxError", ...next.fault };
          this.#form = {
            source: code,
            file: language === "typescript" ? "main.ts" : "main.js",
            mode: "script",
            firstColumn: 0,
          };
          this.#end("error", fault ?? placeError(first ?? { name: "SyntaxError", message: "", stack: "" }, this.#form));
          return;
        }
        this.#form = next.form;
        const refusal = this.isolate.evaluate(next.form);
        if (!refusal) return;
        first ??= refusal;
      }
    });
  }

  answer(call: number, kind: "ok" | "error", text: string): void {
    if (this.#isOver) return;
    this.#inFlight--;
    this.#slice(() => this.isolate.deliver(call, kind, text));
  }

  /** The pool says that the run is over. */
  stop(reason: StopReason): void {
    if (this.#isOver) return;
    this.#stop ??= reason;
    this.#slice(() => {});
  }

  onCall(call: number, name: string, args: string): void {
    // The guest keeps these bounds itself; a guest that does not is not to be argued with.
    if (++this.#calls > sandboxLimits.hostCallsMax || args.length > sandboxLimits.hostCallBytesMax) return;
    if (this.#inFlight >= sandboxLimits.hostCallsInFlightMax) this.#waiting.push({ call, name, args });
    else this.#send(call, name, args);
  }

  onLog(level: string, text: string, isLast: boolean): void {
    if (this.#isLogFull) return;
    this.#logBytes += text.length;
    this.#isLogFull =
      isLast || this.#logBytes > sandboxLimits.logBytesMax || ++this.#logEntries > sandboxLimits.logEntriesMax;
    const atMs = Math.round((performance.now() - this.#startMs) * 1_000) / 1_000;
    this.#context.post({ op: "log", run: this.number, level, text, atMs, isLast: this.#isLogFull });
  }

  onTimer(timer: number, ms: number): void {
    if (this.#timers.size >= sandboxLimits.timersMax) return;
    const delayMs = Math.min(Number.isFinite(ms) ? ms : 0, sandboxLimits.timerMsMax);
    const handle = setTimeout(() => {
      this.#timers.delete(timer);
      this.#slice(() => this.isolate.fire(timer));
    }, delayMs);
    this.#timers.set(timer, handle);
  }

  onClear(timer: number): void {
    clearTimeout(this.#timers.get(timer));
    this.#timers.delete(timer);
  }

  onResult(text: string, isCut: boolean): void {
    const max = sandboxLimits.resultBytesMax + 1_024;
    if (text.length > max) this.#outcome ??= { status: "error", result: "", isResultCut: true, error: undefined };
    this.#outcome ??= { status: "ok", result: text, isResultCut: isCut, error: undefined };
  }

  onError(error: GuestError): void {
    // Out of memory, the engine may have no memory left for an error object and throws null.
    const isMemory = error.name === "null" || (error.name === "InternalError" && error.message === "out of memory");
    if (isMemory) {
      const message = `the program needed more than its ${this.#job.memoryMb} MB of memory`;
      this.#end("memory", { name: "MemoryError", message });
      return;
    }
    this.#end("error", placeError(error, this.#form));
  }

  shouldStop(): boolean {
    if (this.#stop || this.#outcome) return true;
    if (performance.now() >= this.#deadlineMs) this.#stop = "timeout";
    else this.#stop = this.#context.shared.stopReason(this.slot);
    return this.#stop !== undefined;
  }

  now(): number {
    return this.#clock.read();
  }

  loadModule(name: string): string | null {
    return this.#modules.load(name);
  }

  #end(status: RunStatus, error: Outcome["error"]): void {
    this.#outcome ??= { status, result: "", isResultCut: false, error };
  }

  #send(call: number, name: string, args: string): void {
    this.#inFlight++;
    this.#context.post({ op: "call", run: this.number, call, name, args });
  }

  /** One stay in the guest, and what follows from it. */
  #slice(work: () => void): void {
    if (this.#isOver) return;
    const cpuStart = threadCpuMs();
    this.#clock.moveTo(Date.now());
    if (!this.#stop && !this.shouldStop()) {
      this.#context.shared.enter(this.number);
      try {
        work();
      } finally {
        this.#context.shared.leave();
        this.#cpuMs += threadCpuMs() - cpuStart;
      }
    }
    if (this.#stop) this.#outcome = { status: this.#stop, result: "", isResultCut: false, error: undefined };
    if (this.#outcome) {
      this.#finish(this.#outcome);
      return;
    }
    while (this.#waiting.length > 0 && this.#inFlight < sandboxLimits.hostCallsInFlightMax) {
      const next = this.#waiting.shift();
      if (next) this.#send(next.call, next.name, next.args);
    }
    if (this.#inFlight === 0 && this.#timers.size === 0) {
      this.#end("error", {
        name: "Error",
        message: "the program waits for a promise that nothing will settle",
      });
      if (this.#outcome) this.#finish(this.#outcome);
    }
  }

  #finish(outcome: Pick<Outcome, "status" | "result" | "isResultCut" | "error">): void {
    this.#isOver = true;
    for (const handle of this.#timers.values()) clearTimeout(handle);
    this.#timers.clear();
    const memoryBytes = this.isolate.memoryBytes();
    this.#context.post({ op: "done", run: this.number, outcome: { ...outcome, cpuMs: this.#cpuMs, memoryBytes } });
    this.#context.onEnd(this);
  }
}

/** CPU time of this thread in milliseconds; wall time where Node cannot tell. */
function threadCpuMs(): number {
  const read = (process as { threadCpuUsage?: () => { user: number; system: number } }).threadCpuUsage;
  if (!read) return performance.now();
  const { user, system } = read.call(process);
  return (user + system) / 1_000;
}
