import type { Readable, Writable } from "node:stream";
import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/server";
import { serveLimits } from "../core/limits.ts";
import { lineSplitter } from "./line-splitter.ts";
import { type RefusedLine, readMessage } from "./read-message.ts";

export interface StdioTransportOptions {
  readonly stdin: Readable;
  readonly stdout: Writable;
  readonly log: (line: string) => void;
  /** Sees every message before the server does. */
  readonly observe?: ((message: JSONRPCMessage) => void) | undefined;
}

/**
 * JSON-RPC messages as lines over a pair of pipes, as the SDK's transport does it, except where that one gives up:
 * a message over the bound, or one that is not what it should be, is answered and the connection lives on; a long
 * line costs linear time; a host that stops reading is not written to without end.
 */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** Resolves when either pipe has ended, by the host or by `close()`. */
  readonly ended: Promise<void>;

  readonly #stdin: Readable;
  readonly #stdout: Writable;
  readonly #log: (line: string) => void;
  readonly #observe: ((message: JSONRPCMessage) => void) | undefined;
  readonly #split = lineSplitter({
    lineBytesMax: serveLimits.stdioMessageBytesMax,
    endBytes: serveLimits.stdioRecoverBytes,
  });
  #resolveEnded: () => void = () => {};
  #isClosed = false;

  constructor({ stdin, stdout, log, observe }: StdioTransportOptions) {
    this.#observe = observe;
    this.#stdin = stdin;
    this.#stdout = stdout;
    this.#log = log;
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  async start(): Promise<void> {
    this.#stdout.on("error", this.#onEnd);
    this.#stdout.on("close", this.#onEnd);
    this.#stdin.on("data", this.#onData);
    this.#stdin.on("error", this.#onEnd);
    this.#stdin.on("end", this.#onEnd);
    this.#stdin.on("close", this.#onEnd);
    if (this.#stdin.readableEnded || this.#stdin.destroyed) setImmediate(this.#onEnd);
  }

  send(message: JSONRPCMessage): Promise<void> {
    this.#write(message);
    return Promise.resolve();
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stdin.off("data", this.#onData);
    this.#stdin.pause();
    // The error listener on stdout stays: a write that is under way may still fail, and nobody else listens.
    this.onclose?.();
    this.#resolveEnded();
  }

  readonly #onEnd = (error?: Error): void => {
    if (error !== undefined && !this.#isClosed) this.#log(`stdio: ${error.message}`);
    void this.close();
  };

  readonly #onData = (chunk: Buffer): void => {
    for (const line of this.#split(chunk)) {
      if (this.#isClosed) return;
      const read = readMessage(line);
      if (read.kind === "message") {
        this.#observe?.(read.message);
        this.onmessage?.(read.message);
      } else if (read.kind === "refused") this.#refuse(read);
    }
  };

  #refuse({ reason, answer }: RefusedLine): void {
    this.#log(`stdio: refused ${reason}`);
    if (answer !== undefined) this.#write({ jsonrpc: "2.0", ...answer });
  }

  #write(message: object): void {
    if (this.#isClosed) return;
    this.#stdout.write(`${JSON.stringify(message)}\n`);
    // Reading stops while the host leaves our answers unread; it goes on when they have drained.
    if (this.#stdout.writableLength <= serveLimits.stdioUnreadBytesMax || this.#stdin.isPaused()) return;
    this.#stdin.pause();
    this.#stdout.once("drain", () => {
      if (!this.#isClosed) this.#stdin.resume();
    });
  }
}
