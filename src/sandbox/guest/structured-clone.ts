import type { Bytes } from "./bytes.ts";
import type { Realm } from "./realm.ts";

/** `structuredClone`: data with its circles and shared parts; functions and symbols are refused. */
export function installStructuredClone(realm: Realm, { put }: Bytes) {
  function structuredClone(value: unknown): unknown {
    const seen = new Map<object, unknown>();
    const clone = (from: unknown): unknown => {
      if (typeof from === "function" || typeof from === "symbol") {
        const error = new realm.Error(`${typeof from === "symbol" ? "a symbol" : "a function"} cannot be cloned`);
        error.name = "DataCloneError";
        throw error;
      }
      if (typeof from !== "object" || from === null) return from;
      if (seen.has(from)) return seen.get(from);
      const keep = <Copy>(copy: Copy): Copy => {
        seen.set(from, copy);
        return copy;
      };
      if (from instanceof Date) return keep(new Date(from.getTime()));
      if (from instanceof RegExp) return keep(new RegExp(from.source, from.flags));
      if (from instanceof ArrayBuffer) return keep(realm.sliceBuffer(from, 0));
      if (ArrayBuffer.isView(from)) {
        const buffer = clone(from.buffer) as ArrayBuffer;
        if (from instanceof DataView) return keep(new DataView(buffer, from.byteOffset, from.byteLength));
        const typed = from as Uint8Array;
        const Type = typed.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => Uint8Array;
        return keep(new Type(buffer, typed.byteOffset, typed.length));
      }
      if (from instanceof Map) {
        const copy = keep(new Map());
        for (const [key, inner] of from) copy.set(clone(key), clone(inner));
        return copy;
      }
      if (from instanceof Set) {
        const copy = keep(new Set());
        for (const inner of from) copy.add(clone(inner));
        return copy;
      }
      if (from instanceof realm.Error) {
        const copy = keep(new realm.Error(from.message));
        copy.name = from.name;
        if (typeof from.stack === "string") copy.stack = from.stack;
        return copy;
      }
      const copy = keep(realm.isArray(from) ? new Array(from.length) : {}) as Record<string, unknown>;
      for (const key of realm.keys(from)) copy[key] = clone((from as Record<string, unknown>)[key]);
      return copy;
    };
    return clone(value);
  }
  put(globalThis, "structuredClone", structuredClone);
}
