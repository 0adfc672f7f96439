import { abortError, throwIfAborted } from "../../core/deadline.ts";
import { cancelled } from "../../core/errors.ts";
import { inferLimits } from "../../core/limits.ts";
import type { OnCancel } from "./candidate.ts";

/** Places for answers that are read on after their caller has gone. */
export interface Drains {
  /** Aborts when the process is about to end: then nothing is read on. */
  readonly closing: AbortSignal;
  running: number;
}

/** A time limit of one attempt that has passed. */
export interface LimitReached {
  readonly message: string;
  readonly isProviderFault: boolean;
}

/**
 * The life of one request to a provider, which is not the caller's: when the caller goes, it is stopped, or read on for
 * a bounded while where the provider charges for the whole answer anyway, to learn what it cost.
 */
export class Upstream {
  readonly #caller: AbortSignal;
  readonly #drains: Drains;
  readonly #onCancel: OnCancel;
  readonly #controller = new AbortController();
  readonly #leave: () => void;
  #limit: NodeJS.Timeout | undefined;
  #drain: NodeJS.Timeout | undefined;
  isDraining = false;
  limitReached: LimitReached | undefined;

  constructor(caller: AbortSignal, drains: Drains, onCancel: OnCancel) {
    throwIfAborted(caller);
    this.#caller = caller;
    this.#drains = drains;
    this.#onCancel = onCancel;
    this.#leave = () => this.#callerLeft();
    caller.addEventListener("abort", this.#leave, { once: true });
  }

  /** Closes the connection to the provider when it aborts. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Gives the provider so long from now, in place of the limit before; undefined: as long as the call. */
  limit(ms: number | undefined, isProviderFault: boolean, what: string): void {
    clearTimeout(this.#limit);
    if (ms === undefined) return;
    this.#limit = setTimeout(
      () => {
        if (this.isDraining) return;
        this.limitReached = { message: `the provider ${what} within its ${Math.round(ms)} ms`, isProviderFault };
        this.#controller.abort(cancelled("the attempt took too long"));
      },
      Math.max(0, ms),
    );
  }

  /** @throws the caller's reason when it has gone. */
  throwIfCancelled(): void {
    throwIfAborted(this.#caller);
  }

  close(): void {
    clearTimeout(this.#limit);
    clearTimeout(this.#drain);
    this.#caller.removeEventListener("abort", this.#leave);
    if (!this.isDraining) return;
    this.isDraining = false;
    this.#drains.running -= 1;
    this.#drains.closing.removeEventListener("abort", this.#stop);
  }

  readonly #stop = () => this.#controller.abort(abortError(this.#caller));

  #callerLeft(): void {
    const { closing, running } = this.#drains;
    if (this.#onCancel === "stop" || closing.aborted || running >= inferLimits.drainsMax) {
      this.#stop();
      return;
    }
    this.isDraining = true;
    this.#drains.running += 1;
    this.#drain = setTimeout(this.#stop, inferLimits.drainMsMax);
    closing.addEventListener("abort", this.#stop, { once: true });
  }
}
