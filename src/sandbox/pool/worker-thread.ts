import { Worker } from "node:worker_threads";
import { sandboxLimits } from "../../core/limits.ts";
import type { FromThread, RunMessage, ToThread } from "../protocol.ts";
import { SharedState } from "../shared-state.ts";
import type { ThreadSetup } from "../thread-setup.ts";

export interface ThreadEvents {
  onReady(thread: WorkerThread): void;
  onMessage(thread: WorkerThread, message: RunMessage): void;
  /** The thread ended without being told to. */
  onCrash(thread: WorkerThread, crash: { readonly wasStarting: boolean; readonly isOutOfMemory: boolean }): void;
}

/** One thread of the pool as the pool sees it: its slots, and whether it can take runs. */
export class WorkerThread {
  readonly shared = new SharedState();
  state: "starting" | "ready" | "retiring" | "dead" = "starting";
  #worker: Worker;
  #slots = new Map<number, number>();
  #freeSlots = Array.from({ length: sandboxLimits.runsPerWorkerMax }, (_, index) => index).reverse();

  constructor(entry: URL, setup: Omit<ThreadSetup, "shared">, events: ThreadEvents) {
    this.#worker = new Worker(entry, {
      workerData: { ...setup, shared: this.shared.buffer } satisfies ThreadSetup,
      env: {},
      execArgv: [],
      stdin: false,
      stdout: true,
      stderr: true,
      name: "sandbox",
      resourceLimits: {
        maxOldGenerationSizeMb: sandboxLimits.workerHeapMbMax,
        maxYoungGenerationSizeMb: sandboxLimits.workerYoungHeapMbMax,
        stackSizeMb: sandboxLimits.workerStackMb,
      },
    });
    // Nothing of ours is written there; what Node warns of is not the user's concern.
    this.#worker.stdout.resume();
    this.#worker.stderr.resume();
    this.#worker.unref();
    this.#worker.on("message", (message: FromThread) => {
      if (this.state === "dead") return;
      if (message.op === "ready") {
        this.state = "ready";
        if (this.#slots.size === 0) this.#worker.unref();
        events.onReady(this);
      } else if (message.op === "retire") this.state = "retiring";
      else events.onMessage(this, message);
    });
    let isOutOfMemory = false;
    this.#worker.on("error", (error: { code?: unknown }) => {
      isOutOfMemory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
    });
    this.#worker.on("exit", () => {
      if (this.state === "dead") return;
      const wasStarting = this.state === "starting";
      this.state = "dead";
      events.onCrash(this, { wasStarting, isOutOfMemory });
    });
  }

  get liveRuns(): number {
    return this.#slots.size;
  }

  get hasRoom(): boolean {
    return this.state === "ready" && this.#freeSlots.length > 0;
  }

  /** Takes a slot for a run. Call only when `hasRoom`. */
  claim(run: number): number {
    const slot = this.#freeSlots.pop();
    if (slot === undefined) throw new Error("the thread has no free slot");
    this.#slots.set(run, slot);
    this.shared.markSent(slot);
    if (this.#slots.size === 1) this.#worker.ref();
    return slot;
  }

  /** The thread is done with a run. */
  release(run: number): void {
    const slot = this.#slots.get(run);
    if (slot === undefined) return;
    this.#slots.delete(run);
    this.#freeSlots.push(slot);
    if (this.#slots.size === 0) this.#worker.unref();
  }

  /** Keeps the process alive until the thread is ready, for runs that wait for it. */
  hold(): void {
    this.#worker.ref();
  }

  post(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  /** Ends the thread whatever it is doing. Its messages are ignored from now on. */
  async terminate(): Promise<void> {
    this.state = "dead";
    await this.#worker.terminate();
  }
}
