/**
 * Everything in this folder is sent to the guest as text (`Function.prototype.toString`) and runs there, before any
 * code of the user's: a function may use its parameters and the guest's own globals, and nothing of its module.
 */

/** The language's own functions as they were before the user's code could replace them. */
export function captureRealm() {
  const { apply } = Reflect;
  const bind =
    <Self, Args extends readonly unknown[], Result>(fn: (this: Self, ...args: Args) => Result) =>
    (self: Self, ...args: Args): Result =>
      apply(fn, self, args) as Result;
  return {
    apply,
    stringify: JSON.stringify as (value: unknown, replacer?: (key: string, value: unknown) => unknown) => string,
    parse: JSON.parse as (text: string) => unknown,
    isArray: Array.isArray as (value: unknown) => value is unknown[],
    freeze: Object.freeze,
    create: Object.create as (prototype: object | null) => Record<PropertyKey, unknown>,
    define: Object.defineProperty,
    keys: Object.keys,
    prototypeOf: Object.getPrototypeOf as (value: object) => object | null,
    hasOwn: Object.hasOwn,
    Promise,
    Error,
    TypeError,
    String,
    Symbol,
    slice: bind(String.prototype.slice),
    indexOf: bind(String.prototype.indexOf as (this: string, text: string, from?: number) => number),
    repeat: bind(String.prototype.repeat),
    sliceBuffer: bind(ArrayBuffer.prototype.slice as (this: ArrayBuffer, from: number, to?: number) => ArrayBuffer),
  };
}

export type Realm = ReturnType<typeof captureRealm>;

/** The one way out: an operation, a number that identifies what it is about, and text (JSON or plain, no NUL). */
export type Send = (operation: string, id: number, text: string, more: string) => void;

/** The host's own work for the guest, done at once. Text is JSON; bytes are in a buffer of their own. */
export type NativeCall = (name: string, ...args: (string | ArrayBuffer)[]) => string | ArrayBuffer;

/**
 * The bounds that are kept inside the guest, so that what is too long is cut before it is copied out. Text is counted
 * in UTF-16 code units. They are set anew for each run.
 */
export interface GuestLimits {
  result: number;
  log: number;
  logEntries: number;
  error: number;
  callText: number;
  calls: number;
  timers: number;
}
