import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { artifactLimits } from "../../core/limits.ts";
import { MalformedData } from "../objects/malformed.ts";
import type { ByteCache } from "./byte-cache.ts";

/** A pack's file, read by windows that are kept among those of all packs. */
export class PackBytes {
  readonly size: number;
  readonly #fd: number;
  readonly #windows: ByteCache<string, Buffer>;
  readonly #cacheKey: string;
  /** The window read last: most reads go on where one ended. */
  #lastNumber = -1;
  #lastWindow: Buffer = Buffer.alloc(0);
  #isOpen = true;

  /** @param cacheKey is no other open pack's. @throws what the file system throws */
  constructor(path: string, windows: ByteCache<string, Buffer>, cacheKey: string) {
    this.#fd = openSync(path, "r");
    this.size = fstatSync(this.#fd).size;
    this.#windows = windows;
    this.#cacheKey = cacheKey;
  }

  /** Bytes as they are in the file. Valid until the next read: copy what must last. */
  read(start: number, end: number): Buffer {
    const windowBytes = artifactLimits.packWindowBytes;
    const number = Math.floor(start / windowBytes);
    if (end > (number + 1) * windowBytes) return this.#pread(start, end);
    if (number !== this.#lastNumber) {
      this.#lastWindow = this.#window(number);
      this.#lastNumber = number;
    }
    return this.#lastWindow.subarray(start - number * windowBytes, end - number * windowBytes);
  }

  close(): void {
    if (this.#isOpen) closeSync(this.#fd);
    this.#isOpen = false;
  }

  #window(number: number): Buffer {
    const windowBytes = artifactLimits.packWindowBytes;
    const key = this.#cacheKey + number;
    const kept = this.#windows.get(key);
    if (kept !== undefined) return kept;
    const window = this.#pread(number * windowBytes, Math.min((number + 1) * windowBytes, this.size));
    this.#windows.set(key, window, window.length);
    return window;
  }

  #pread(start: number, end: number): Buffer {
    const buffer = Buffer.allocUnsafe(Math.max(0, end - start));
    let at = 0;
    while (at < buffer.length) {
      const read = readSync(this.#fd, buffer, at, buffer.length - at, start + at);
      if (read === 0) throw new MalformedData("a pack is cut short");
      at += read;
    }
    return buffer;
  }
}
