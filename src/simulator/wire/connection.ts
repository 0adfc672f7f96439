import type { ServerResponse } from "node:http";
import type { Clock } from "../../core/clock.ts";

/** Waits this short are not worth an abort listener; a closed connection is noticed when they end. */
const shortWaitMs = 250;

/** One answer's connection: writes with backpressure, and knows when the client has gone. */
export class Connection {
  readonly response: ServerResponse;
  readonly #clock: Clock;
  readonly #gone = new AbortController();

  constructor(response: ServerResponse, clock: Clock) {
    this.response = response;
    this.#clock = clock;
    response.once("close", () => this.#gone.abort());
    // A reset while writing is the client's business; `isOpen` tells.
    response.on("error", () => this.#gone.abort());
  }

  get isOpen(): boolean {
    return !this.#gone.signal.aborted;
  }

  /** Writes, and waits for the client to have read when too much is in the buffer. False when the client has gone. */
  async write(bytes: Uint8Array | string): Promise<boolean> {
    if (!this.isOpen) return false;
    if (this.response.write(bytes)) return true;
    await new Promise<void>((resolve) => {
      const done = () => {
        this.response.off("drain", done);
        this.#gone.signal.removeEventListener("abort", done);
        resolve();
      };
      this.response.once("drain", done);
      this.#gone.signal.addEventListener("abort", done, { once: true });
    });
    return this.isOpen;
  }

  /** Waits, for ever without `ms`. False when the client has gone. */
  async wait(ms?: number): Promise<boolean> {
    if (!this.isOpen) return false;
    if (ms === undefined) {
      await new Promise<void>((resolve) => {
        this.#gone.signal.addEventListener("abort", () => resolve(), { once: true });
      });
    } else if (ms <= shortWaitMs) {
      await this.#clock.sleep(ms);
    } else {
      await this.#clock.sleep(ms, this.#gone.signal).catch(() => undefined);
    }
    return this.isOpen;
  }

  /** Ends the body properly; resolves when it has been handed to the socket or the client has gone. */
  async end(bytes?: Uint8Array | string): Promise<void> {
    if (!this.isOpen) return;
    await new Promise<void>((resolve) => {
      this.response.once("close", resolve);
      this.response.end(bytes ?? "", () => resolve());
    });
  }

  /** Lets what was written leave, then tears the connection down with the body unfinished. */
  async cut(): Promise<void> {
    if (!this.isOpen) return;
    if (!this.response.headersSent) this.response.flushHeaders();
    // node:http uncorks the socket on the next tick: the last chunk is not with the socket before.
    await new Promise((resolve) => setImmediate(resolve));
    this.response.socket?.destroySoon();
    await this.wait();
  }

  reset(): void {
    this.response.socket?.resetAndDestroy();
  }
}
