import { type ChildProcess, fork } from "node:child_process";
import { readFileSync } from "node:fs";
import { sandboxLimits } from "../../core/limits.ts";
import type { Placement, PoolRun, RunPool } from "../pool/run-pool.ts";
import type { FromThread, ToThread } from "../protocol.ts";
import { v8Engine, v8Flags } from "./assets.ts";

interface Child {
  readonly process: ChildProcess;
  isReady: boolean;
  run: { readonly run: PoolRun; readonly number: number } | undefined;
}

interface Waiting {
  readonly run: PoolRun;
  readonly onPlaced: (placement: Placement) => void;
}

const watchMs = 50;
/** What a process of this kind takes before its program has taken anything. */
const processMb = 160;

/**
 * Processes that run one program each on V8. One waits in readiness once the engine has been used, until it has not
 * been used for a while.
 */
export class ProcessPool implements RunPool {
  #entry: string;
  #engine: string | undefined;
  #children = new Set<Child>();
  #waiting: Waiting[] = [];
  #nextRun = 1;
  #failedStarts = 0;
  #watch: NodeJS.Timeout | undefined;
  #idle: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(entry: string) {
    this.#entry = entry;
  }

  /** @throws unsupported when the engine is not here. */
  engine(): string {
    this.#engine ??= v8Engine();
    return this.#engine;
  }

  place(run: PoolRun, onPlaced: (placement: Placement) => void): void {
    this.#waiting.push({ run, onPlaced });
    this.#assign();
  }

  withdraw(run: PoolRun): void {
    this.#waiting = this.#waiting.filter((entry) => entry.run !== run);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#watch);
    clearTimeout(this.#idle);
    const ended = [...this.#children].map((child) => new Promise((resolve) => child.process.once("exit", resolve)));
    for (const child of this.#children) {
      // One in readiness does not keep this process alive by itself.
      child.process.ref();
      child.process.kill("SIGKILL");
    }
    await Promise.all(ended);
  }

  /** Gives programs that wait to processes that are ready, and starts what is missing. */
  #assign(): void {
    if (this.#isClosed) return;
    for (const child of this.#children) {
      if (!child.isReady || child.run) continue;
      const next = this.#waiting.shift();
      if (!next) break;
      next.onPlaced(this.#put(next.run, child));
    }
    const coming = [...this.#children].filter((child) => !child.run).length;
    const wanted = Math.min(this.#waiting.length + 1, sandboxLimits.v8ProcessesMax - (this.#children.size - coming));
    for (let missing = wanted - coming; missing > 0; missing--) this.#start();
    this.#hold();
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.#retire(), sandboxLimits.v8IdleMs);
    this.#idle.unref();
  }

  #put(run: PoolRun, child: Child): Placement {
    const number = this.#nextRun++;
    child.run = { run, number };
    const send = (message: ToThread) => {
      if (child.process.connected) child.process.send(message);
    };
    const placedMs = performance.now();
    const cpuMsBefore = cpuMsOf(child.process.pid);
    send({ op: "run", run: number, slot: 0, timeoutMs: run.remainingMs(), job: run.job });
    this.#watch ??= setInterval(() => this.#checkMemory(), watchMs);
    return {
      run: number,
      answer: (call, kind, text) => send({ op: "answer", run: number, call, kind, text }),
      stop: (reason) => send({ op: "stop", run: number, reason }),
      cpuMs: () =>
        (cpuMsOf(child.process.pid) ?? performance.now() - placedMs + (cpuMsBefore ?? 0)) - (cpuMsBefore ?? 0),
      // It shares its process with nobody: there is no harm in ending it.
      isInGuest: () => true,
      kill: () => child.process.kill("SIGKILL"),
    };
  }

  #start(): void {
    const engine = this.engine();
    const process = fork(this.#entry, [engine], {
      execArgv: v8Flags(this.#entry, engine),
      env: { TZ: "UTC" },
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
    });
    const child: Child = { process, isReady: false, run: undefined };
    this.#children.add(child);
    process.on("message", (message: FromThread) => this.#onMessage(child, message));
    process.on("error", () => {});
    process.on("exit", (_code, signal) => this.#onExit(child, signal));
  }

  #onMessage(child: Child, message: FromThread): void {
    if (message.op === "ready") {
      child.isReady = true;
      this.#failedStarts = 0;
      this.#assign();
    } else if (message.op !== "retire" && message.run === child.run?.number) {
      const { run } = child.run;
      if (message.op === "done") child.run = { run: ended, number: 0 };
      run.onMessage(message);
    }
  }

  #onExit(child: Child, signal: NodeJS.Signals | null): void {
    this.#children.delete(child);
    if (!child.isReady && !this.#isClosed && ++this.#failedStarts >= sandboxLimits.workerStartsMax) {
      this.#failedStarts = 0;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const { run } of waiting) run.onUnavailable();
    }
    // V8 aborts when it cannot get memory at all.
    const isOutOfMemory = signal === "SIGABRT" || signal === "SIGTRAP" || signal === "SIGKILL";
    child.run?.run.onLost({ isCause: true, isOutOfMemory, hadStarted: true });
    if (this.#waiting.length > 0 || child.run) this.#assign();
    if ([...this.#children].every(({ run }) => !run)) {
      clearInterval(this.#watch);
      this.#watch = undefined;
    }
  }

  /** The engine's own memory limit is a guideline: what a process really has is looked at from outside. */
  #checkMemory(): void {
    for (const { process, run } of this.#children) {
      if (!run || run.run === ended) continue;
      const residentMb = residentBytes(process.pid) / 1024 / 1024;
      if (residentMb > run.run.job.memoryMb * 2 + processMb) process.kill("SIGKILL");
    }
  }

  /** Only programs keep the server's process alive, not the one in readiness. */
  #hold(): void {
    for (const { process, run } of this.#children) {
      const isNeeded = run !== undefined || this.#waiting.length > 0;
      if (isNeeded) process.ref();
      else process.unref();
      const channel = process.channel as { ref(): void; unref(): void } | null | undefined;
      if (isNeeded) channel?.ref();
      else channel?.unref();
    }
  }

  #retire(): void {
    for (const child of this.#children) if (!child.run) child.process.kill("SIGKILL");
  }
}

/** Stands for a run whose result has been given, until its process is gone. */
const ended: PoolRun = {
  get job(): never {
    throw new Error("the run has ended");
  },
  remainingMs: () => 0,
  onMessage() {},
  onLost() {},
  onOverrun() {},
  onUnavailable() {},
};

/** CPU time of a process in milliseconds, in steps of ten; undefined where the system does not say, or it is gone. */
function cpuMsOf(pid: number | undefined): number | undefined {
  try {
    // The name in front may hold anything; the fields begin after its last bracket.
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [user, system] = text.slice(text.lastIndexOf(")")).split(" ").slice(12, 14);
    return (Number(user) + Number(system)) * 10;
  } catch {
    return undefined;
  }
}

/** Resident memory of a process, or 0 where the system does not say. */
function residentBytes(pid: number | undefined): number {
  try {
    const pages = readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1];
    return Number(pages) * 4_096;
  } catch {
    return 0;
  }
}
