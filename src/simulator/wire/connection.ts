import type { ServerResponse } from "node:http";
import type { Clock } from "../../core/clock.ts";

/** A wait this short is not given up early: a closed connection is noticed when it ends. */
const shortWaitMs = 250;

/** One answer's connection: writes with backpressure, and knows when the client has gone. */
export class Connection {
  readonly response: ServerResponse;
  readonly #clock: Clock;
  #isOpen = true;
  /** Who wants to know at once. A set, and no abort signal: that one would cost more than the rest of an answer. */
  readonly #waiting = new Set<() => void>();

  constructor(response: ServerResponse, clock: Clock) {
    this.response = response;
    this.#clock = clock;
    const onGone = () => {
      this.#isOpen = false;
      for (const wake of this.#waiting) wake();
      this.#waiting.clear();
    };
    response.once("close", onGone);
    // A reset while writing is the client's business; `isOpen` tells.
    response.on("error", onGone);
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Writes, and waits for the client to have read when too much is in the buffer. False when the client has gone. */
  async write(bytes: Uint8Array | string): Promise<boolean> {
    if (!this.#isOpen) return false;
    if (this.response.write(bytes)) return true;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.response.off("drain", done);
        this.#waiting.delete(done);
        resolve();
      };
      this.response.once("drain", done);
      this.#waiting.add(done);
    });
    return this.#isOpen;
  }

  /** Waits, for ever without `ms`. False when the client has gone. */
  async wait(ms?: number): Promise<boolean> {
    if (!this.#isOpen) return false;
    if (ms !== undefined && ms <= shortWaitMs) {
      await this.#clock.sleep(ms);
      return this.#isOpen;
    }
    const left = new AbortController();
    const wake = () => left.abort();
    this.#waiting.add(wake);
    if (ms === undefined)
      await new Promise((resolve) => left.signal.addEventListener("abort", resolve, { once: true }));
    else await this.#clock.sleep(ms, left.signal).catch(() => undefined);
    this.#waiting.delete(wake);
    return this.#isOpen;
  }

  /** Ends the body properly; resolves when it has been handed to the socket or the client has gone. */
  async end(bytes?: Uint8Array | string): Promise<void> {
    if (!this.#isOpen) return;
    await new Promise<void>((resolve) => {
      this.#waiting.add(resolve);
      this.response.end(bytes ?? "", () => resolve());
    });
  }

  /** Lets what was written leave, then tears the connection down with the body unfinished. */
  async cut(): Promise<void> {
    if (!this.#isOpen) return;
    if (!this.response.headersSent) this.response.flushHeaders();
    // node:http uncorks the socket on the next tick: the last chunk is not with the socket before.
    await new Promise((resolve) => setImmediate(resolve));
    this.response.socket?.destroySoon();
    await this.wait();
  }

  /** Tears the connection down as it is, with a reset. */
  reset(): void {
    this.response.socket?.resetAndDestroy();
  }
}
