import type { Dispatcher } from "undici";
import { abortError } from "../../core/deadline.ts";
import { providerLimits } from "../../core/limits.ts";
import type { WireHeaders } from "../adapter.ts";
import { failure } from "../failure.ts";
import { WireError, wireError } from "./wire-error.ts";

/** A provider's answer once its headers are here. Read `body` to its end, or stop early: stopping closes the connection. */
export interface WireResponse {
  readonly status: number;
  readonly headers: WireHeaders;
  /** Can be read once. @throws WireError when the connection breaks or stalls; the signal's reason when it aborts. */
  readonly body: AsyncIterable<Uint8Array>;
  /**
   * Says that no more of the answer is wanted. What little is left is taken in so that the connection can be used
   * again; a longer or slower rest closes it. May be called while `body` is being read. Never rejects.
   */
  dump(): Promise<void>;
}

/**
 * One request on its way through undici. It is undici's handler below (called as bytes come) and the body's reader
 * above (which pulls), with a bounded buffer between the two.
 */
export class Exchange implements Dispatcher.DispatchHandler, WireResponse {
  status = 0;
  headers: WireHeaders = {};
  readonly response: Promise<WireResponse>;

  readonly #signal: AbortSignal;
  readonly #onAbort: () => void;
  readonly #connectTimer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #answer: { resolve(response: WireResponse): void; reject(error: unknown): void } | undefined;
  #chunks: Uint8Array[] = [];
  #bufferedBytes = 0;
  #wake: (() => void) | undefined;
  #onDone: (() => void) | undefined;
  #ended = false;
  #dumped: Promise<void> | undefined;
  #error: unknown;
  #failed = false;

  constructor(signal: AbortSignal, connectTimeoutMs: number) {
    this.#signal = signal;
    this.response = new Promise((resolve, reject) => {
      this.#answer = { resolve, reject };
    });
    this.#onAbort = () => this.stop(abortError(signal));
    signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#connectTimer = setTimeout(() => {
      const late = failure("network", `no connection to the provider within ${connectTimeoutMs} ms`);
      this.stop(new WireError(late, false));
    }, connectTimeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    clearTimeout(this.#connectTimer);
    this.#controller = controller;
    if (this.#failed) controller.abort(new Error("given up while waiting for a connection"));
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: WireHeaders): void {
    if (status < 200) return;
    this.status = status;
    this.headers = headers;
    this.#answer?.resolve(this);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Uint8Array): void {
    this.#bufferedBytes += chunk.byteLength;
    if (this.#dumped) {
      if (this.#bufferedBytes > providerLimits.dumpBytesMax) this.stop(new Error("nobody wants the rest"));
      return;
    }
    this.#chunks.push(chunk);
    if (this.#bufferedBytes > providerLimits.bufferedBytesMax) controller.pause();
    this.#wake?.();
  }

  onResponseEnd(): void {
    this.#ended = true;
    this.#release();
    this.#wake?.();
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: unknown): void {
    this.#fail(wireError(error, this.#controller !== undefined));
  }

  /** Ends the exchange with an error and closes its connection. */
  stop(error: unknown): void {
    if (this.#ended) return;
    this.#fail(error);
    this.#controller?.abort(error instanceof Error ? error : new Error("stopped"));
  }

  get body(): AsyncIterable<Uint8Array> {
    return this.#read();
  }

  async *#read(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        const chunk = this.#chunks.shift();
        if (chunk) {
          this.#bufferedBytes -= chunk.byteLength;
          if (this.#chunks.length === 0) this.#controller?.resume();
          yield chunk;
        } else if (this.#failed) {
          throw this.#error;
        } else if (this.#ended) {
          return;
        } else {
          await new Promise<void>((resolve) => {
            this.#wake = resolve;
          });
          this.#wake = undefined;
        }
      }
    } finally {
      if (!this.#dumped) this.stop(new Error("the reader stopped"));
    }
  }

  dump(): Promise<void> {
    this.#dumped ??= new Promise((resolve) => {
      this.#chunks = [];
      this.#bufferedBytes = 0;
      if (this.#ended || this.#failed) {
        resolve();
        return;
      }
      const timer = setTimeout(() => this.stop(new Error("the rest is slow")), providerLimits.dumpMsMax);
      this.#onDone = () => {
        clearTimeout(timer);
        resolve();
      };
      this.#controller?.resume();
    });
    return this.#dumped;
  }

  #fail(error: unknown): void {
    if (this.#failed || this.#ended) return;
    this.#failed = true;
    this.#error = error;
    this.#release();
    this.#answer?.reject(error);
    this.#wake?.();
  }

  #release(): void {
    clearTimeout(this.#connectTimer);
    this.#signal.removeEventListener("abort", this.#onAbort);
    this.#onDone?.();
  }
}
