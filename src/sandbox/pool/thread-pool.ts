import { readFile } from "node:fs/promises";
import { sandboxLimits } from "../../core/limits.ts";
import { sandboxAssets } from "../assets.ts";
import { prelude } from "../guest/prelude.ts";
import type { RunMessage } from "../protocol.ts";
import type { ThreadSetup } from "../thread-setup.ts";
import type { Placement, PoolRun, RunPool } from "./run-pool.ts";
import { WorkerThread } from "./worker-thread.ts";

interface Waiting {
  readonly run: PoolRun;
  readonly onPlaced: (placement: Placement) => void;
}

interface Placed extends Waiting {
  readonly thread: WorkerThread;
  readonly slot: number;
}

/** A thread inside one program's code for longer than this gets no new runs. */
const busyMs = 50;
const watchMs = 50;
/** Watches without anything to watch before watching stops, so that short programs do not start it each time. */
const idleWatchesMax = 20;
const overflowFactor = 4;

/**
 * Threads that run guests, and one more in readiness to replace a thread that had to be terminated. Nothing is
 * started before the first run. When programs keep all threads busy, others are started beyond the usual number, so
 * that heavy programs take turns with light ones instead of keeping them waiting.
 */
export class ThreadPool implements RunPool {
  #threadsMax: number;
  #threads: WorkerThread[] = [];
  #spare: WorkerThread | undefined;
  #placed = new Map<number, Placed>();
  #waiting: Waiting[] = [];
  #nextRun = 1;
  #setup: Promise<Omit<ThreadSetup, "shared">> | undefined;
  #failedStarts = 0;
  #watch: NodeJS.Timeout | undefined;
  #idleWatches = 0;
  #isClosed = false;

  constructor(threadsMax: number) {
    this.#threadsMax = threadsMax;
  }

  /** Runs placed and waiting to be. */
  get size(): number {
    return this.#placed.size + this.#waiting.length;
  }

  /** Starts the first thread, so that the first run need not wait for it. */
  warm(): void {
    if (this.#threads.length === 0) void this.#grow();
  }

  /** Puts a run on a thread, at once when one is ready. */
  place(run: PoolRun, onPlaced: (placement: Placement) => void): void {
    const thread = this.#choose();
    if (thread) onPlaced(this.#put({ run, onPlaced }, thread));
    else {
      this.#waiting.push({ run, onPlaced });
      void this.#grow();
      for (const starting of this.#threads) starting.hold();
    }
    this.#idleWatches = 0;
    this.#watch ??= setInterval(() => this.#look(), watchMs).unref();
  }

  /** Takes back a run that has not been placed yet. */
  withdraw(run: PoolRun): void {
    this.#waiting = this.#waiting.filter((entry) => entry.run !== run);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#watch);
    const threads = [...this.#threads, ...(this.#spare ? [this.#spare] : [])];
    this.#threads = [];
    this.#spare = undefined;
    await Promise.all(threads.map((thread) => thread.terminate()));
  }

  /** The thread with the least to do. Asks for another when all are at work and there may be more. */
  #choose(): WorkerThread | undefined {
    let best: WorkerThread | undefined;
    let bestLoad = Number.POSITIVE_INFINITY;
    const mayWait = this.#threads.length < this.#threadsMost;
    for (const thread of this.#threads) {
      if (!thread.hasRoom || (mayWait && thread.shared.currentMs > busyMs)) continue;
      const load = thread.liveRuns + (thread.shared.current === 0 ? 0 : sandboxLimits.runsPerWorkerMax);
      if (load < bestLoad) [best, bestLoad] = [thread, load];
    }
    if (best && bestLoad > 0) void this.#grow();
    return best;
  }

  #put({ run, onPlaced }: Waiting, thread: WorkerThread): Placement {
    const number = this.#nextRun++;
    const slot = thread.claim(number);
    this.#placed.set(number, { run, onPlaced, thread, slot });
    thread.post({ op: "run", run: number, slot, timeoutMs: run.remainingMs(), job: run.job });
    return {
      run: number,
      answer: (call, kind, text) => {
        if (this.#placed.has(number)) thread.post({ op: "answer", run: number, call, kind, text });
      },
      stop: (reason) => {
        if (!this.#placed.has(number)) return;
        thread.shared.requestStop(slot, reason);
        thread.post({ op: "stop", run: number, reason });
      },
      cpuMs: () => thread.shared.usedMs(slot, number),
      isInGuest: () => thread.shared.current === number,
      kill: () => this.#kill(thread),
    };
  }

  /** Looks after threads that programs keep busy. */
  #look(): void {
    for (const thread of this.#threads) {
      const { current, currentMs } = thread.shared;
      if (currentMs <= busyMs) continue;
      const hog = this.#placed.get(current)?.run;
      if (hog && currentMs > hog.job.limits.cpuMs * 2 + watchMs) hog.onOverrun();
      else this.#takeBack(thread);
    }
    this.#drain();
    if (this.#waiting.length > 0) void this.#grow();
    this.#shrink();
    this.#idleWatches = this.size > 0 ? 0 : this.#idleWatches + 1;
    if (this.#idleWatches < idleWatchesMax) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }

  /** Runs that a busy thread has not taken up go elsewhere. */
  #takeBack(thread: WorkerThread): void {
    if (this.#threads.length >= this.#threadsMost) return;
    for (const [number, placed] of [...this.#placed]) {
      if (placed.thread !== thread || !thread.shared.tryWithdraw(placed.slot)) continue;
      this.#placed.delete(number);
      this.place(placed.run, placed.onPlaced);
    }
  }

  /** Ends threads beyond the usual number when they have nothing to do. */
  #shrink(): void {
    const surplus = this.#threads.length - this.#threadsMax;
    if (surplus <= 0 || this.#waiting.length > 0) return;
    const idle = this.#threads.filter((thread) => thread.state === "ready" && thread.liveRuns === 0).slice(0, surplus);
    this.#threads = this.#threads.filter((thread) => !idle.includes(thread));
    for (const thread of idle) void thread.terminate();
  }

  #kill(thread: WorkerThread): void {
    if (thread.state === "dead") return;
    const cause = thread.shared.current;
    void thread.terminate();
    this.#lose(thread, cause, false);
  }

  /** A thread is gone: another takes its place, and its runs are told. */
  #lose(thread: WorkerThread, cause: number, isOutOfMemory: boolean): void {
    this.#threads = this.#threads.filter((other) => other !== thread);
    if (this.#spare === thread) this.#spare = undefined;
    if (this.#isClosed) return;
    if (this.#threads.length === 0) void this.#grow();
    else void this.#keepSpare();
    for (const [number, placed] of [...this.#placed]) {
      if (placed.thread !== thread) continue;
      this.#placed.delete(number);
      const hadStarted = thread.shared.hasStarted(placed.slot);
      placed.run.onLost({ isCause: number === cause, isOutOfMemory, hadStarted });
    }
  }

  get #threadsMost(): number {
    return Math.min(this.#threadsMax * overflowFactor, sandboxLimits.workersMax);
  }

  /** More than usual while programs keep every thread busy and others wait. */
  get #threadsWanted(): number {
    const isOverrun = this.#waiting.length > 0 && this.#threads.every((thread) => thread.shared.currentMs > busyMs);
    return isOverrun ? this.#threadsMost : this.#threadsMax;
  }

  /** One more thread at work, unless there are enough or one is on its way: the spare if there is one. */
  async #grow(): Promise<void> {
    const isEnough = () =>
      this.#isClosed ||
      this.#threads.some((thread) => thread.state === "starting") ||
      this.#threads.filter((thread) => thread.state !== "retiring").length >= this.#threadsWanted;
    if (isEnough()) return;
    const setup = await this.#load();
    if (!setup || isEnough()) return;
    const thread = this.#spare ?? this.#open(setup);
    this.#spare = undefined;
    this.#threads.push(thread);
    if (this.#waiting.length > 0) thread.hold();
    if (thread.state !== "ready") return;
    this.#drain();
    await this.#keepSpare();
  }

  /** Starts the spare once those that are needed have started. */
  async #keepSpare(): Promise<void> {
    const setup = await this.#load();
    if (!setup || this.#isClosed || this.#spare || this.#threads.some((thread) => thread.state === "starting")) return;
    this.#spare = this.#open(setup);
  }

  #open(setup: Omit<ThreadSetup, "shared">): WorkerThread {
    return new WorkerThread(sandboxAssets().worker, setup, {
      onReady: () => {
        this.#failedStarts = 0;
        this.#drain();
        void this.#keepSpare();
      },
      onMessage: (thread, message) => this.#onMessage(thread, message),
      onCrash: (thread, { wasStarting, isOutOfMemory }) => {
        if (wasStarting && ++this.#failedStarts >= sandboxLimits.workerStartsMax) {
          this.#threads = this.#threads.filter((other) => other !== thread);
          if (this.#spare === thread) this.#spare = undefined;
          this.#failWaiting();
        } else this.#lose(thread, thread.shared.current, isOutOfMemory);
      },
    });
  }

  /** What a thread is started with: read and compiled once. Undefined when that failed, which fails what waits. */
  async #load(): Promise<Omit<ThreadSetup, "shared"> | undefined> {
    this.#setup ??= threadSetup();
    try {
      return await this.#setup;
    } catch {
      this.#setup = undefined;
      this.#failWaiting();
      return undefined;
    }
  }

  #failWaiting(): void {
    this.#failedStarts = 0;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { run } of waiting) run.onUnavailable();
  }

  #drain(): void {
    while (this.#waiting.length > 0) {
      const thread = this.#choose();
      const next = thread && this.#waiting.shift();
      if (!thread || !next) return;
      next.onPlaced(this.#put(next, thread));
    }
  }

  #onMessage(thread: WorkerThread, message: RunMessage): void {
    const placed = this.#placed.get(message.run);
    if (message.op === "done" || message.op === "refused") {
      this.#placed.delete(message.run);
      thread.release(message.run);
      if (thread.state === "retiring" && thread.liveRuns === 0) {
        void thread.terminate();
        this.#lose(thread, 0, false);
      } else if (this.#waiting.length > 0) this.#drain();
    }
    placed?.run.onMessage(message);
  }
}

async function threadSetup(): Promise<Omit<ThreadSetup, "shared">> {
  const module = await WebAssembly.compile(await readFile(sandboxAssets().wasm));
  return { module, prelude: prelude("quickjs"), warm: sandboxLimits.isolatesWarm };
}
