import { sandboxLimits } from "../../core/limits.ts";
import type { AnswerKind, GuestError, Isolate, IsolateListener, ProgramForm } from "../isolate.ts";
import type { NativeValue } from "../natives/native.ts";
import { runNative } from "../natives/registry.ts";
import { RunRandom } from "../natives/run-random.ts";
import { mainFile, programForms } from "../program/forms.ts";
import { Modules } from "../program/modules.ts";
import type { Job, Outcome, RunMessage, RunStatus, StopReason } from "../protocol.ts";
import { Calls } from "./calls.ts";
import { threadCpuMs } from "./cpu-time.ts";
import { jsonValues } from "./json-size.ts";
import { Replay } from "./replay.ts";
import { RunClock } from "./run-clock.ts";
import { placeError } from "./stack-position.ts";
import { RealTimers, type Timers, VirtualTimers } from "./timers.ts";

/** What a run needs of the thread or process it runs in. */
export interface RunContext {
  readonly post: (message: RunMessage) => void;
  /** Marks the time in which guest code runs, for whoever must stop it from outside. */
  readonly enter: (run: number) => void;
  readonly leave: (run: Run, cpuMs: number) => void;
  /** Why the run in this slot is to stop, if somebody said so. */
  readonly stopReason: (slot: number) => StopReason | undefined;
  /** The run is over and will not touch its isolate any more. */
  readonly onEnd: (run: Run) => void;
  /** The type stripper broke: this thread should not get new runs. */
  readonly onBroken: () => void;
}

type Ending = Pick<Outcome, "status" | "result" | "isResultCut" | "error">;

/** One run where its guest is: enters the guest, keeps its clock, timers and calls, and decides when it is over. */
export class Run implements IsolateListener {
  readonly number: number;
  readonly slot: number;
  readonly isolate: Isolate;
  #job: Job;
  #context: RunContext;
  #clock: RunClock;
  #timers: Timers;
  #calls: Calls;
  #modules: Modules;
  #random: RunRandom;
  #replay: Replay | undefined;
  #startMs = performance.now();
  #deadlineMs: number;
  #cpuMs = 0;
  #sliceStart = { wallMs: 0, cpuMs: 0 };
  #form: ProgramForm | undefined;
  #logs = { bytes: 0, entries: 0, isFull: false };
  #trace: [number, number?][] | null = [];
  #stop: StopReason | "cpu" | undefined;
  #ending: Ending | undefined;
  #isOver = false;

  constructor(number: number, slot: number, timeoutMs: number, job: Job, isolate: Isolate, context: RunContext) {
    this.number = number;
    this.slot = slot;
    this.isolate = isolate;
    this.#job = job;
    this.#context = context;
    this.#deadlineMs = this.#startMs + timeoutMs;
    this.#clock = new RunClock(job.clock.startMs);
    const onDue = (timer: number, atMs: number) => this.#event(atMs, timer, () => this.isolate.fire(timer));
    this.#timers =
      job.clock.isVirtual || job.recording
        ? new VirtualTimers(() => this.#clock.epochMs, onDue)
        : new RealTimers(onDue);
    this.#calls = new Calls(number, job.limits.calls, job.limits.callsInFlight, context.post);
    this.#modules = new Modules(job.files, context.onBroken);
    this.#random = new RunRandom(job.seed);
    this.#replay = job.recording && new Replay(job.recording);
  }

  start(): void {
    const { names, servers, seed, input, limits } = this.#job;
    this.#slice(() => {
      this.isolate.begin(
        this,
        {
          names,
          servers,
          seed,
          limits: {
            result: limits.resultBytes,
            log: limits.logBytes,
            logEntries: limits.logEntries,
            error: sandboxLimits.errorCharactersMax,
            callText: limits.callBytes,
            calls: limits.calls,
            timers: limits.timers,
          },
        },
        input,
        limits.stackBytes,
      );
      this.#evaluate();
    });
  }

  answer(call: number, kind: AnswerKind, text: string): void {
    if (this.#isOver) return;
    if (kind !== "chunk") this.#calls.answered(call);
    const atMs = this.#job.clock.isVirtual ? this.#clock.epochMs : Date.now();
    this.#event(atMs, undefined, () => this.isolate.deliver(call, kind, text));
  }

  /** The pool says that the run is over. */
  stop(reason: StopReason): void {
    if (this.#isOver) return;
    this.#stop ??= reason;
    this.#slice(() => {});
  }

  onCall(call: number, name: string, args: string): void {
    if (args.length > this.#job.limits.callBytes) return;
    const difference = this.#replay?.check(name, args);
    if (!this.#replay) {
      if (this.#calls.add(call, name, args)) return;
      const most = sandboxLimits.hostCallsWaitingCharactersMax;
      const message = `the calls that wait for their turn hold more than ${most} characters`;
      this.#end("memory", { name: "MemoryError", message });
    } else if (difference) this.#end("error", { name: "ReplayError", message: difference });
  }

  onCancel(call: number): void {
    this.#calls.cancel(call);
  }

  onLog(level: string, text: string, isLast: boolean): void {
    const logs = this.#logs;
    if (logs.isFull) return;
    const { limits } = this.#job;
    logs.bytes += text.length;
    logs.isFull = isLast || logs.bytes > limits.logBytes || ++logs.entries > limits.logEntries;
    const isRepeatable = this.#replay || this.#job.clock.isVirtual;
    const atMs = isRepeatable ? this.#clock.epochMs - this.#clock.startMs : performance.now() - this.#startMs;
    const message = { level, text, atMs: Math.round(atMs * 1_000) / 1_000, isLast: logs.isFull };
    this.#context.post({ op: "log", run: this.number, ...message });
  }

  onTimer(timer: number, ms: number): void {
    if (this.#timers.size >= this.#job.limits.timers) return;
    this.#timers.set(timer, Math.min(Number.isFinite(ms) ? ms : 0, sandboxLimits.timerMsMax));
  }

  onClear(timer: number): void {
    this.#timers.clear(timer);
  }

  onResult(text: string, isCut: boolean): void {
    // A JSON string of what the guest cut: its escapes can double it.
    if (text.length > this.#job.limits.resultBytes * (isCut ? 6 : 1) + 2) return;
    const isHeavy = !isCut && jsonValues(text) > sandboxLimits.resultValuesMax;
    const result = isHeavy ? JSON.stringify(text) : text;
    this.#ending ??= { status: "ok", result, isResultCut: isCut || isHeavy, error: undefined };
  }

  onError(error: GuestError): void {
    // Out of memory, the engine may have no memory left for an error object and throws null.
    const isMemory = error.name === "null" || (error.name === "InternalError" && error.message === "out of memory");
    const message = `the program needed more than its ${this.#job.memoryMb} MB of memory`;
    if (isMemory) this.#end("memory", { name: "MemoryError", message });
    else this.#end("error", placeError(error, this.#form, this.#modules.loaded));
  }

  onNative(name: string, args: readonly NativeValue[]): NativeValue {
    if (this.shouldStop()) throw new TypeError("the run is over");
    return runNative(name, args, { random: (length) => this.#random.bytes(length) });
  }

  shouldStop(): boolean {
    if (this.#stop || this.#ending) return true;
    const now = performance.now();
    const { cpuMs } = this.#job.limits;
    if (now >= this.#deadlineMs) this.#stop = "timeout";
    else if (this.#cpuMs + now - this.#sliceStart.wallMs >= cpuMs && this.#cpuUsedMs() >= cpuMs) this.#stop = "cpu";
    else this.#stop = this.#context.stopReason(this.slot);
    return this.#stop !== undefined;
  }

  now(): number {
    return this.#clock.read();
  }

  loadModule(name: string): string | null {
    return this.#modules.load(name);
  }

  /** Tries the program's forms until one parses. */
  #evaluate(): void {
    const { code, language } = this.#job;
    let first: GuestError | undefined;
    for (const next of programForms(code, language, this.isolate.engine)) {
      if (this.#ending || this.#stop) return;
      if (next.kind === "form") {
        this.#form = next.form;
        const refusal = this.isolate.evaluate(next.form);
        if (!refusal) return;
        first ??= refusal;
        continue;
      }
      if (next.isBroken) this.#context.onBroken();
      this.#form = { source: code, file: mainFile(language), mode: "script", shifts: [] };
      const refusal = first ?? { name: "SyntaxError", message: "this is not a program", stack: "" };
      this.#end(
        "error",
        next.fault ? { name: "SyntaxError", ...next.fault } : placeError(refusal, this.#form, this.#modules.loaded),
      );
    }
  }

  #end(status: RunStatus, error: Outcome["error"]): void {
    this.#ending ??= { status, result: "", isResultCut: false, error };
  }

  #cpuUsedMs(): number {
    return this.#cpuMs + threadCpuMs() - this.#sliceStart.cpuMs;
  }

  /** Something from outside enters the guest, and is written down. */
  #event(atMs: number, timer: number | undefined, work: () => void): void {
    if (this.#isOver) return;
    this.#clock.moveTo(atMs);
    if (this.#trace && this.#trace.length >= sandboxLimits.traceEventsMax) this.#trace = null;
    this.#trace?.push(timer === undefined ? [this.#clock.epochMs] : [this.#clock.epochMs, timer]);
    this.#slice(work);
  }

  /** One stay in the guest, and what follows from it. */
  #slice(work: () => void): void {
    if (this.#isOver) return;
    this.#sliceStart = { wallMs: performance.now(), cpuMs: threadCpuMs() };
    if (!this.#stop && !this.shouldStop()) {
      this.#context.enter(this.number);
      try {
        work();
      } finally {
        this.#cpuMs = this.#cpuUsedMs();
        this.#context.leave(this, this.#cpuMs);
      }
    }
    if (this.#stop) this.#ending = { ...stopped(this.#stop, this.#job), result: "", isResultCut: false };
    if (!this.#ending && !this.#replay) {
      this.#timers.idle(this.#calls.size);
      if (this.#calls.size > 0 || this.#timers.size > 0) return;
      this.#end("error", { name: "Error", message: "the program waits for a promise that nothing will settle" });
    }
    if (this.#ending) this.#finish(this.#ending);
    else if (this.#replay) this.#replayNext(this.#replay);
  }

  #replayNext(replay: Replay): void {
    const event = replay.next();
    setImmediate(() => {
      if (!event) {
        this.#end("error", { name: "ReplayError", message: "the recorded run was stopped here" });
        this.#slice(() => {});
      } else if (event.kind === "timer") {
        this.#timers.clear(event.timer);
        this.#event(event.atMs, event.timer, () => this.isolate.fire(event.timer));
      } else {
        const { call, kind, text } = event.answer;
        this.#event(event.atMs, undefined, () => this.isolate.deliver(call, kind, text));
      }
    });
  }

  #finish(ending: Ending): void {
    this.#isOver = true;
    this.#timers.close();
    const memoryBytes = this.isolate.memoryBytes();
    const outcome: Outcome = { ...ending, cpuMs: this.#cpuMs, memoryBytes, trace: this.#trace };
    this.#context.post({ op: "done", run: this.number, outcome });
    this.#context.onEnd(this);
  }
}

function stopped(reason: StopReason | "cpu", job: Job): Pick<Ending, "status" | "error"> {
  if (reason !== "cpu") return { status: reason, error: undefined };
  const message = `the program used its ${job.limits.cpuMs} ms of CPU time`;
  return { status: "timeout", error: { name: "TimeoutError", message } };
}
