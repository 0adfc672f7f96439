import type { Bytes } from "./bytes.ts";
import type { Realm } from "./realm.ts";

/** `TextEncoder` and `TextDecoder`. */
export function installEncoding(realm: Realm, { bytesOf, data, put }: Bytes) {
  function decode(value: unknown, options: unknown): string {
    return data("text.decode", bytesOf(value), realm.stringify(options)) as string;
  }

  class TextEncoder {
    get encoding() {
      return "utf-8";
    }
    encode(text = "") {
      return new Uint8Array(bytesOf(`${text}`));
    }
    encodeInto(text: string, target: Uint8Array) {
      let read = 0;
      let written = 0;
      for (const character of `${text}`) {
        const bytes = new Uint8Array(bytesOf(character));
        if (written + bytes.length > target.length) break;
        target.set(bytes, written);
        written += bytes.length;
        read += character.length;
      }
      return { read, written };
    }
  }

  class TextDecoder {
    readonly encoding: string;
    readonly fatal: boolean;
    readonly ignoreBOM: boolean;
    #pending: Uint8Array | undefined;
    constructor(label = "utf-8", options: { fatal?: boolean; ignoreBOM?: boolean } = {}) {
      decode(new ArrayBuffer(0), { label });
      this.encoding = `${label}`;
      this.fatal = options.fatal === true;
      this.ignoreBOM = options.ignoreBOM === true;
    }
    decode(value: unknown = new ArrayBuffer(0), options: { stream?: boolean } = {}) {
      let bytes = new Uint8Array(bytesOf(value));
      if (this.#pending) {
        const joined = new Uint8Array(this.#pending.length + bytes.length);
        joined.set(this.#pending, 0);
        joined.set(bytes, this.#pending.length);
        bytes = joined;
        this.#pending = undefined;
      }
      if (options.stream === true && this.encoding === "utf-8") {
        const end = wholeLength(bytes);
        if (end < bytes.length) this.#pending = bytes.slice(end);
        bytes = bytes.subarray(0, end);
      }
      const { encoding: label, fatal, ignoreBOM } = this;
      return decode(bytes, { label, fatal, ignoreBOM });
    }
  }

  /** How many of these UTF-8 bytes end with a whole character. */
  function wholeLength(bytes: Uint8Array): number {
    for (let back = 1; back <= 3 && back <= bytes.length; back++) {
      const byte = bytes[bytes.length - back] as number;
      if (byte < 0x80) break;
      if (byte >= 0xc0) {
        const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
        return back < needed ? bytes.length - back : bytes.length;
      }
    }
    return bytes.length;
  }

  put(globalThis, "TextEncoder", TextEncoder);
  put(globalThis, "TextDecoder", TextDecoder);
}
