import type { NativeCall, Realm } from "./realm.ts";

/** Bytes in every dress, `atob`, `btoa`, and the base64 and hexadecimal methods of `Uint8Array`. */
export function installBytes(realm: Realm, native: NativeCall) {
  const { stringify, parse, define } = realm;

  /** A copy of a text's, view's or buffer's bytes in a buffer of their own. */
  function bytesOf(value: unknown): ArrayBuffer {
    if (value instanceof ArrayBuffer) return realm.sliceBuffer(value, 0);
    if (ArrayBuffer.isView(value)) {
      return realm.sliceBuffer(value.buffer as ArrayBuffer, value.byteOffset, value.byteOffset + value.byteLength);
    }
    if (typeof value === "string") return native("text.encode", stringify(value)) as ArrayBuffer;
    throw new realm.TypeError("this is not text, an ArrayBuffer or a view of one");
  }

  /** What a native says, as the value that its JSON stands for. */
  const data = (name: string, ...args: (string | ArrayBuffer)[]) => parse(native(name, ...args) as string);
  const toHex = (value: unknown) => data("hex.encode", bytesOf(value)) as string;
  const put = (target: object, name: string, value: unknown) =>
    define(target, name, { value, writable: true, configurable: true });

  put(globalThis, "btoa", (text: unknown) => data("btoa", stringify(`${text}`)));
  put(globalThis, "atob", (text: unknown) => data("atob", stringify(`${text}`)));
  put(Uint8Array.prototype, "toHex", function (this: unknown) {
    return toHex(this);
  });
  put(Uint8Array.prototype, "toBase64", function (this: unknown, options?: { alphabet?: string }) {
    return data("base64.encode", bytesOf(this), stringify(options?.alphabet === "base64url"));
  });
  const fromText = (name: string) => (text: unknown) =>
    new Uint8Array(native(name, stringify(`${text}`)) as ArrayBuffer);
  put(Uint8Array, "fromHex", fromText("hex.decode"));
  put(Uint8Array, "fromBase64", fromText("base64.decode"));
  return { bytesOf, data, toHex, put };
}

export type Bytes = ReturnType<typeof installBytes>;
