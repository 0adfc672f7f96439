import { compressNatives } from "./compress.ts";
import { csvNatives } from "./csv.ts";
import { digestNatives } from "./digest.ts";
import { diffNatives } from "./line-diff.ts";
import { checkNativeBytes, type Native, type NativeContext, type NativeValue } from "./native.ts";
import { textNatives } from "./text.ts";
import { urlNatives } from "./url.ts";

const natives = new Map<string, Native>(
  Object.entries({
    ...textNatives,
    ...digestNatives,
    ...urlNatives,
    ...csvNatives,
    ...compressNatives,
    ...diffNatives,
  }),
);

/**
 * Runs a native and says how it went in what is given to the guest: bytes, `=` and JSON text, or `!` and a message.
 * Nothing is thrown into an engine: what is thrown there carries a stack of the host's.
 */
export function answerNative(run: () => NativeValue): NativeValue {
  try {
    const value = run();
    return typeof value === "string" ? `=${value}` : value;
  } catch (error) {
    return `!${JSON.stringify(error instanceof TypeError ? error.message : "the host could not do that")}`;
  }
}

/**
 * Runs a native for guest code.
 * @throws TypeError with a message for the program.
 */
export function runNative(name: string, args: readonly NativeValue[], context: NativeContext): NativeValue {
  const native = natives.get(name);
  if (!native) throw new TypeError("there is no such native");
  for (const arg of args) checkNativeBytes(arg);
  let value: NativeValue;
  try {
    value = native(args, context);
  } catch (error) {
    // Node's own errors may name what the program should not read.
    throw error instanceof TypeError && !("code" in error) ? error : new TypeError("the arguments are not valid");
  }
  checkNativeBytes(value);
  return value;
}
