import { sandboxLimits } from "../core/limits.ts";
import type { StopReason } from "./protocol.ts";

/** What the two sides of a thread must know of each other while guest code keeps the thread from its messages. */
const slots = sandboxLimits.runsPerWorkerMax;

const slotState = { free: 0, sent: 1, started: 2, timeout: 3, cancelled: 4 } as const;

/** Memory shared by the pool and one thread: which run is in the guest now, and the state of each slot. */
export class SharedState {
  readonly buffer: SharedArrayBuffer;
  /** The run, and since when: milliseconds of the clock that both sides share, in 32 bits. */
  #current: Int32Array;
  #slots: Int32Array;
  /** Microseconds of CPU time that the run in each slot has used so far. */
  #used: Int32Array;

  constructor(buffer = new SharedArrayBuffer(8 + 8 * slots)) {
    this.buffer = buffer;
    this.#current = new Int32Array(buffer, 0, 2);
    this.#slots = new Int32Array(buffer, 8, slots);
    this.#used = new Int32Array(buffer, 8 + 4 * slots, slots);
  }

  /** The run whose code the thread is inside of, or 0. */
  get current(): number {
    return Atomics.load(this.#current, 0);
  }

  /** How long the thread has been inside of it, in milliseconds. */
  get currentMs(): number {
    if (this.current === 0) return 0;
    return Math.max(0, (Date.now() - Atomics.load(this.#current, 1)) | 0);
  }

  enter(run: number): void {
    Atomics.store(this.#current, 1, Date.now() | 0);
    Atomics.store(this.#current, 0, run);
  }

  /** The run in this slot is out of its code again, after this much CPU time in all. */
  leave(slot: number, cpuMs: number): void {
    Atomics.store(this.#used, slot, Math.min(Math.round(cpuMs * 1_000), 2 ** 31 - 1));
    Atomics.store(this.#current, 0, 0);
  }

  /** The CPU time that a run has used so far; while it is inside its code, what the clock says of that stay. */
  usedMs(slot: number, run: number): number {
    return Atomics.load(this.#used, slot) / 1_000 + (this.current === run ? this.currentMs : 0);
  }

  /** The pool is about to send a run to this slot. */
  markSent(slot: number): void {
    Atomics.store(this.#used, slot, 0);
    Atomics.store(this.#slots, slot, slotState.sent);
  }

  /** The thread takes the run up. False when it was stopped before it began. */
  tryStart(slot: number): boolean {
    return Atomics.compareExchange(this.#slots, slot, slotState.sent, slotState.started) === slotState.sent;
  }

  /** The pool takes a run back that the thread has not taken up. False when it has. */
  tryWithdraw(slot: number): boolean {
    return Atomics.compareExchange(this.#slots, slot, slotState.sent, slotState.cancelled) === slotState.sent;
  }

  hasStarted(slot: number): boolean {
    return Atomics.load(this.#slots, slot) === slotState.started;
  }

  requestStop(slot: number, reason: StopReason): void {
    Atomics.store(this.#slots, slot, slotState[reason]);
  }

  /** Why the run in this slot is to stop, if it is. */
  stopReason(slot: number): StopReason | undefined {
    const state = Atomics.load(this.#slots, slot);
    if (state === slotState.timeout) return "timeout";
    return state === slotState.cancelled ? "cancelled" : undefined;
  }
}
