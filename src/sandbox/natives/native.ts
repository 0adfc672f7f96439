import { sandboxLimits } from "../../core/limits.ts";

/** What crosses to a native and back: text is always JSON, bytes are copies. */
export type NativeValue = string | Uint8Array;

/** What a native may use of the run that calls it. */
export interface NativeContext {
  /** The run's own random bytes: the same for the same seed. */
  random(length: number): Uint8Array;
}

/**
 * Work done for the guest by the thread itself, at once: what the guest's engine does slowly or not at all. A native
 * is a pure function of its arguments and the run's randomness. It throws a TypeError that the program may see.
 */
export type Native = (args: readonly NativeValue[], context: NativeContext) => NativeValue;

export function jsonArg(args: readonly NativeValue[], index: number): unknown {
  const arg = args[index];
  if (typeof arg !== "string") throw new TypeError("an argument is missing");
  return JSON.parse(arg);
}

export function textArg(args: readonly NativeValue[], index: number): string {
  const value = jsonArg(args, index);
  if (typeof value !== "string") throw new TypeError("an argument is not text");
  return value;
}

export function bytesArg(args: readonly NativeValue[], index: number): Uint8Array {
  const arg = args[index];
  if (!(arg instanceof Uint8Array)) throw new TypeError("an argument is not bytes");
  return arg;
}

/** @throws TypeError when what a native was given or made is larger than may cross. */
export function checkNativeBytes(value: NativeValue): void {
  if (value.length > sandboxLimits.nativeBytesMax) {
    throw new TypeError(`more than ${sandboxLimits.nativeBytesMax} bytes at once`);
  }
}
