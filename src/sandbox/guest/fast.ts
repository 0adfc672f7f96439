import type { Encoding } from "./encoding.ts";
import type { NativeCall, Realm } from "./realm.ts";

/** `fast`: work that the host does many times faster than the guest could, and `performance`. */
export function installFast(realm: Realm, native: NativeCall, { bytesOf, toHex }: Encoding) {
  const { stringify, parse, define, freeze } = realm;
  const data = (name: string, ...args: (string | ArrayBuffer)[]) => parse(native(name, ...args) as string);

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
  define(globalThis, "fast", { value: freeze(fast), writable: true, configurable: true });

  let origin: number | undefined;
  const now = Date.now;
  const performance = {
    get timeOrigin() {
      origin ??= now();
      return origin;
    },
    now: () => now() - performance.timeOrigin,
  };
  define(globalThis, "performance", { value: freeze(performance), writable: true, configurable: true });
}
