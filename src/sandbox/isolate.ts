import type { GuestSetup } from "./guest/prelude.ts";
import type { NativeValue } from "./natives/native.ts";
import type { Rewritten } from "./program/edits.ts";
import type { Engine } from "./program/engine.ts";

/** How a program is evaluated: where its result is found decides which. */
export type EvalMode = "script" | "module" | "expression";

/** One text to evaluate. Its lines are the user's own, and its columns but for the shifts. */
export interface ProgramForm extends Rewritten {
  readonly file: string;
  readonly mode: EvalMode;
}

/** What an error says of itself, as the guest wrote it down. Any of it may be a lie; none of it is trusted. */
export interface GuestError {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly code?: string;
}

/** A host call's answer, or a piece of one. */
export type AnswerKind = "ok" | "error" | "chunk";

/** What comes out of a guest while it runs. All text is cut in the guest and checked again by who receives it. */
export interface IsolateListener {
  onCall(call: number, name: string, args: string): void;
  /** The program wants no more of a call that it made. */
  onCancel(call: number): void;
  onLog(level: string, text: string, isLast: boolean): void;
  onTimer(timer: number, ms: number): void;
  onClear(timer: number): void;
  /** The program ended with a value; `text` is its JSON, or empty for `undefined`. */
  onResult(text: string, isCut: boolean): void;
  onError(error: GuestError): void;
  /** Work that the thread does for the guest at once. What it throws, the program sees. */
  onNative(name: string, args: readonly NativeValue[]): NativeValue;
  /** Asked now and then while guest code runs; true ends the run. */
  shouldStop(): boolean;
  /** The guest's clock, milliseconds since the epoch. */
  now(): number;
  /** The source of a module that the program imports, or null. `specifier` is as normalised. */
  loadModule(name: string): string | null;
}

/**
 * One guest: a program, its globals and its memory, shared with nobody. Every method runs guest code until it has
 * nothing left to do at once, and returns.
 */
export interface Isolate {
  readonly engine: Engine;
  begin(listener: IsolateListener, setup: GuestSetup, input: string, stackBytes: number): void;
  /** Evaluates a form. A form that does not parse has run nothing: its error comes back and another may be tried. */
  evaluate(form: ProgramForm): GuestError | null;
  deliver(call: number, kind: AnswerKind, text: string): void;
  fire(timer: number): void;
  /** Bytes of memory that the program made the guest take, at its highest. */
  memoryBytes(): number;
}
