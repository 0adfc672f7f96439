import type { Bytes } from "./bytes.ts";
import type { NativeCall, Realm } from "./realm.ts";

/** `fast`: work that the host does many times faster than the guest could. */
export function installFast(realm: Realm, native: NativeCall, { bytesOf, data, toHex, put }: Bytes) {
  const { stringify, freeze } = realm;

  const fast = {
    /** Hexadecimal digest of text or bytes. */
    hash: (algorithm: string, value: unknown) => toHex(native("digest", stringify(`${algorithm}`), bytesOf(value))),
    hmac: (algorithm: string, key: unknown, value: unknown) =>
      toHex(native("hmac", stringify(`${algorithm}`), bytesOf(key), bytesOf(value))),
    parseCsv: (text: unknown, options: object = {}) => data("csv.parse", stringify(`${text}`), stringify(options)),
    formatCsv: (rows: unknown, options: object = {}) => data("csv.format", stringify(rows), stringify(options)),
    /** `[{ op: "same" | "added" | "removed", lines }]`. */
    diffLines: (before: unknown, after: unknown) => data("diff.lines", stringify(`${before}`), stringify(`${after}`)),
    gzip: (value: unknown) => new Uint8Array(native("gzip", bytesOf(value)) as ArrayBuffer),
    gunzip: (value: unknown) => new Uint8Array(native("gunzip", bytesOf(value)) as ArrayBuffer),
  };
  put(globalThis, "fast", freeze(fast));
}
