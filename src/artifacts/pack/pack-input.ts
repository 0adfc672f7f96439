import { createHash } from "node:crypto";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { artifactLimits } from "../../core/limits.ts";
import { MalformedData } from "../objects/malformed.ts";
import type { Pacer } from "../pacer.ts";

const trailerBytes = 20;
const headerBytes = 12;

/** A received pack's file, read from its beginning on, with steps back. */
export class PackInput {
  /** Where the entries end and the checksum begins. */
  readonly end: number;
  readonly #fd: number;
  #window: Buffer = Buffer.alloc(0);
  #windowAt = 0;

  constructor(path: string) {
    this.#fd = openSync(path, "r");
    this.end = fstatSync(this.#fd).size - trailerBytes;
  }

  /** Proves the checksum over the whole file and answers it. @throws invalid_request */
  async proveChecksum(pacer: Pacer): Promise<Buffer> {
    if (this.end < headerBytes) throw badPack("is cut short");
    const sha = createHash("sha1");
    for (let at = 0; at < this.end; at += artifactLimits.packWindowBytes) {
      sha.update(this.read(at, Math.min(this.end, at + artifactLimits.packWindowBytes)));
      await pacer.pause();
    }
    const trailer = this.readCopy(this.end, this.end + trailerBytes);
    if (!sha.digest().equals(trailer)) throw badPack("does not match its checksum");
    return trailer;
  }

  /** How many objects the header says there are. @throws invalid_request */
  count(): number {
    const head = this.read(0, headerBytes);
    const version = head.readUInt32BE(4);
    if (head.toString("latin1", 0, 4) !== "PACK" || (version !== 2 && version !== 3)) throw badPack("has no header");
    return head.readUInt32BE(8);
  }

  /** Small pieces come out of a window that moves along the file; valid until the next read. */
  read(start: number, end: number): Buffer {
    if (end - start > artifactLimits.packWindowBytes / 4) return this.readCopy(start, end);
    const from = start - this.#windowAt;
    if (from < 0 || end - this.#windowAt > this.#window.length) {
      const windowEnd = Math.min(this.end + trailerBytes, start + artifactLimits.packWindowBytes);
      this.#window = this.readCopy(start, Math.max(end, windowEnd));
      this.#windowAt = start;
      return this.#window.subarray(0, end - start);
    }
    return this.#window.subarray(from, from + end - start);
  }

  /** The same without the window: for a piece out of the order. */
  readCopy(start: number, end: number): Buffer {
    const buffer = Buffer.allocUnsafe(Math.max(0, end - start));
    let at = 0;
    while (at < buffer.length) {
      const read = readSync(this.#fd, buffer, at, buffer.length - at, start + at);
      if (read === 0) throw badPack("is cut short");
      at += read;
    }
    return buffer;
  }

  close(): void {
    closeSync(this.#fd);
  }
}

export function badPack(what: string): MalformedData {
  return new MalformedData(`the pack ${what}`);
}
