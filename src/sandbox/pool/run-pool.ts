import type { AnswerKind } from "../isolate.ts";
import type { Job, RunMessage, StopReason } from "../protocol.ts";

/** A run as the pool sees it. */
export interface PoolRun {
  readonly job: Job;
  /** Milliseconds until its deadline. */
  remainingMs(): number;
  onMessage(message: RunMessage): void;
  /**
   * The thread it ran in is gone. `isCause`: it was this run's code that the thread was inside of.
   */
  onLost(loss: { readonly isCause: boolean; readonly isOutOfMemory: boolean; readonly hadStarted: boolean }): void;
  /** It is still inside its code, well past the CPU time that it may use. */
  onOverrun(): void;
  /** No thread can be started. */
  onUnavailable(): void;
}

/** Where a run is: the handle for everything that is done to it while it lives. */
export interface Placement {
  readonly run: number;
  answer(call: number, kind: AnswerKind, text: string): void;
  stop(reason: StopReason): void;
  /** The CPU time that it has used, as far as that can be told from outside of it. */
  cpuMs(): number;
  /** Whether its thread is inside its code now. */
  isInGuest(): boolean;
  /** Ends the thread, and with it this run. */
  kill(): void;
}

/** Somewhere that programs run: threads for one engine, processes for the other. */
export interface RunPool {
  /** Puts a run where it will run, at once when there is room. */
  place(run: PoolRun, onPlaced: (placement: Placement) => void): void;
  /** Takes back a run that has not been placed yet. */
  withdraw(run: PoolRun): void;
  close(): Promise<void>;
}
