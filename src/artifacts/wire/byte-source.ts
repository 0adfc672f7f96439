import { SwitchyardError } from "../../core/errors.ts";
import { MalformedData } from "../objects/malformed.ts";
import { type Pkt, parsePktLength, specialPkts } from "./pkt-line.ts";

/** Reads a request's body as packet lines, then as plain bytes. It never holds more than a line and a chunk. */
export class ByteSource {
  readonly #chunks: AsyncIterator<Uint8Array>;
  readonly #bytesMax: number;
  #buffered: Buffer = Buffer.alloc(0);
  #received = 0;
  #ended = false;

  /** @param bytesMax how much the whole body may have; more is `too_large`. */
  constructor(body: AsyncIterable<Uint8Array>, bytesMax: number) {
    this.#chunks = body[Symbol.asyncIterator]();
    this.#bytesMax = bytesMax;
  }

  /** The next packet line, or null at the end of the body. @throws invalid_request when it is cut or malformed. */
  async pkt(): Promise<Pkt | null> {
    if (!(await this.#fill(4))) {
      if (this.#buffered.length === 0) return null;
      throw new MalformedData("the request ends inside a packet line");
    }
    const length = parsePktLength(this.#buffered.subarray(0, 4));
    if (length < 4) {
      this.#buffered = this.#buffered.subarray(4);
      return specialPkts[length] ?? "flush";
    }
    if (!(await this.#fill(length))) throw new MalformedData("the request ends inside a packet line");
    const payload = this.#buffered.subarray(4, length);
    this.#buffered = this.#buffered.subarray(length);
    return payload;
  }

  /** Whatever bytes come next, or null at the end. */
  async bytes(): Promise<Buffer | null> {
    if (!(await this.#fill(1))) return null;
    const bytes = this.#buffered;
    this.#buffered = Buffer.alloc(0);
    return bytes;
  }

  /** Reads the rest and forgets it. */
  async drain(): Promise<void> {
    this.#buffered = Buffer.alloc(0);
    while (!this.#ended) {
      const next = await this.#chunks.next();
      if (next.done) this.#ended = true;
      else this.#count(next.value);
    }
  }

  /** Lets go of the body. */
  async cancel(): Promise<void> {
    this.#ended = true;
    await this.#chunks.return?.();
  }

  async #fill(count: number): Promise<boolean> {
    // Joined once: a client may send its bytes one by one.
    const chunks = [this.#buffered];
    let length = this.#buffered.length;
    while (length < count && !this.#ended) {
      const next = await this.#chunks.next();
      if (next.done) {
        this.#ended = true;
        break;
      }
      this.#count(next.value);
      chunks.push(Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength));
      length += next.value.length;
    }
    if (chunks.length > 1) this.#buffered = length === chunks[1]?.length ? chunks[1] : Buffer.concat(chunks);
    return length >= count;
  }

  #count(chunk: Uint8Array): void {
    this.#received += chunk.length;
    if (this.#received > this.#bytesMax) throw this.#tooLarge();
  }

  #tooLarge(): SwitchyardError {
    return new SwitchyardError("too_large", `the request has more than ${this.#bytesMax} bytes`, {
      next: "Push in smaller steps, or ask the operator for a higher limit",
      details: { max_bytes: this.#bytesMax },
    });
  }
}
