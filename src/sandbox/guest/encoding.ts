import type { NativeCall, Realm } from "./realm.ts";

/** `TextEncoder`, `TextDecoder`, `atob`, `btoa`, and the base64 and hexadecimal methods of `Uint8Array`. */
export function installEncoding(realm: Realm, native: NativeCall) {
  const { stringify, parse, define } = realm;

  /** A copy of a view's or buffer's bytes in a buffer of their own. */
  function bytesOf(value: unknown): ArrayBuffer {
    if (value instanceof ArrayBuffer) return realm.sliceBuffer(value, 0);
    if (ArrayBuffer.isView(value)) {
      return realm.sliceBuffer(value.buffer as ArrayBuffer, value.byteOffset, value.byteOffset + value.byteLength);
    }
    if (typeof value === "string") return encode(value);
    throw new realm.TypeError("this is not text, an ArrayBuffer or a view of one");
  }

  function encode(text: string): ArrayBuffer {
    return native("text.encode", stringify(text)) as ArrayBuffer;
  }

  function decode(value: unknown, options: unknown): string {
    return parse(native("text.decode", bytesOf(value), stringify(options)) as string) as string;
  }

  class TextEncoder {
    get encoding() {
      return "utf-8";
    }
    encode(text = "") {
      return new Uint8Array(encode(`${text}`));
    }
    encodeInto(text: string, target: Uint8Array) {
      let read = 0;
      let written = 0;
      for (const character of `${text}`) {
        const bytes = new Uint8Array(encode(character));
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

  const base64 = (value: unknown, isUrl: boolean) =>
    parse(native("base64.encode", bytesOf(value), stringify(isUrl)) as string) as string;
  const fromBase64 = (text: unknown) => native("base64.decode", stringify(`${text}`)) as ArrayBuffer;
  const toHex = (value: unknown) => parse(native("hex.encode", bytesOf(value)) as string) as string;

  const globals: Record<string, unknown> = {
    TextEncoder,
    TextDecoder,
    btoa: (text: unknown) => parse(native("btoa", stringify(`${text}`)) as string),
    atob: (text: unknown) => parse(native("atob", stringify(`${text}`)) as string),
  };
  for (const name of realm.keys(globals)) {
    define(globalThis, name, { value: globals[name], writable: true, configurable: true });
  }
  const methods: Record<string, unknown> = {
    toBase64(this: unknown, options?: { alphabet?: string }) {
      return base64(this, options?.alphabet === "base64url");
    },
    toHex(this: unknown) {
      return toHex(this);
    },
  };
  for (const name of realm.keys(methods)) {
    define(Uint8Array.prototype, name, { value: methods[name], writable: true, configurable: true });
  }
  define(Uint8Array, "fromBase64", {
    value: (text: unknown) => new Uint8Array(fromBase64(text)),
    writable: true,
    configurable: true,
  });
  define(Uint8Array, "fromHex", {
    value: (text: unknown) => new Uint8Array(native("hex.decode", stringify(`${text}`)) as ArrayBuffer),
    writable: true,
    configurable: true,
  });
  return { bytesOf, encode, toHex };
}

export type Encoding = ReturnType<typeof installEncoding>;
