import type IsolatedVm from "isolated-vm";
import { sandboxLimits } from "../../core/limits.ts";
import type { GuestSetup } from "../guest/prelude.ts";
import { receiveMessage } from "../guest-message.ts";
import type { AnswerKind, GuestError, Isolate, IsolateListener, ProgramForm } from "../isolate.ts";
import type { NativeValue } from "../natives/native.ts";
import { answerNative } from "../natives/registry.ts";
import { GuestModules } from "./modules.ts";

type Ivm = typeof IsolatedVm;
type Entry = "begin" | "deliver" | "fire" | "failed" | "evaluate" | "imported" | "importFailed";

type EntryReference = IsolatedVm.Reference<Record<Entry, (...args: unknown[]) => void>>;

/** What the engine itself needs on top of what the program may use. */
const engineMb = 16;

/**
 * A guest on V8, in a process that has nothing else to do and is thrown away afterwards. Only text, numbers and copied
 * bytes are given to the guest, never a reference of the engine's.
 */
export class V8Isolate implements Isolate {
  readonly engine = "v8";
  #isolate: IsolatedVm.Isolate;
  #context: IsolatedVm.Context;
  #entry: EntryReference;
  #modules: GuestModules;
  #imports: { id: number; specifier: string; from: string }[] = [];
  #listener: IsolateListener | undefined;
  #remainingMs: () => number;

  /** `remainingMs` is the time that code may take without a stop; the process's parent sees to it as well. */
  constructor(ivm: Ivm, memoryMb: number, prelude: string, remainingMs: () => number, onCatastrophe: () => void) {
    this.#remainingMs = remainingMs;
    this.#isolate = new ivm.Isolate({
      memoryLimit: Math.max(8, memoryMb + engineMb),
      onCatastrophicError: onCatastrophe,
    });
    this.#context = this.#isolate.createContextSync();
    const send = new ivm.Callback((operation: unknown, id: unknown, text: unknown, more: unknown) =>
      this.#receive(`${operation}`, Number(id), `${text}`, `${more}`),
    );
    const native = new ivm.Callback((name: unknown, ...args: unknown[]) => this.#native(`${name}`, args));
    const now = new ivm.Callback(() => this.#listener?.now() ?? 0);
    const start = this.#context.evalSync(prelude, { reference: true, filename: "switchyard" });
    this.#entry = start.applySync(undefined, [send, native, undefined, now], {
      result: { reference: true },
    }) as EntryReference;
    this.#modules = new GuestModules(this.#isolate, this.#context, (name) => this.#listener?.loadModule(name) ?? null);
  }

  begin(listener: IsolateListener, setup: GuestSetup, input: string): void {
    this.#listener = listener;
    this.#call("begin", JSON.stringify(setup), input);
  }

  evaluate(form: ProgramForm): GuestError | null {
    try {
      this.#isolate.compileScriptSync(form.source, { filename: form.file }).release();
    } catch (error) {
      return parseError(error);
    }
    this.#call("evaluate", `${form.source}\n//# sourceURL=${form.file}`, form.mode);
    return null;
  }

  deliver(call: number, kind: AnswerKind, text: string): void {
    this.#call("deliver", call, kind, text);
  }

  fire(timer: number): void {
    this.#call("fire", timer);
  }

  memoryBytes(): number {
    if (this.#isolate.isDisposed) return 0;
    const { used_heap_size, externally_allocated_size } = this.#isolate.getHeapStatisticsSync();
    return used_heap_size + externally_allocated_size;
  }

  #call(name: Entry, ...args: (string | number)[]): void {
    this.#guarded(() => {
      const target = this.#entry.getSync(name, { reference: true });
      target.applySync(undefined, args, { timeout: this.#timeoutMs() });
    });
    while (this.#imports.length > 0 && !this.#listener?.shouldStop()) this.#importNext();
  }

  #importNext(): void {
    const next = this.#imports.shift();
    if (!next) return;
    const { id, specifier, from } = next;
    this.#guarded(() => {
      const refusal = this.#modules.import(id, specifier, from, this.#timeoutMs());
      if (refusal === null) return;
      const target = this.#entry.getSync("importFailed", { reference: true });
      target.applySync(undefined, [id, refusal], { timeout: this.#timeoutMs() });
    });
  }

  #timeoutMs(): number {
    return Math.max(1, Math.ceil(this.#remainingMs()));
  }

  /** Runs guest code; its jobs run before this returns. */
  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (this.#listener?.shouldStop()) return;
      const { message = "" } = error as { message?: string };
      const isMemory = this.#isolate.isDisposed || /memory limit|Array buffer allocation failed/.test(message);
      if (isMemory) this.#listener?.onError({ name: "null", message: "", stack: "" });
      else if (message.startsWith("Maximum call stack")) {
        this.#listener?.onError({ name: "RangeError", message: "the program is nested too deeply", stack: "" });
      } else {
        this.#listener?.onError({
          name: "InternalError",
          message: "the engine failed; the program was stopped",
          stack: "",
        });
      }
    }
  }

  #receive(operation: string, id: number, text: string, more: string): void {
    if (operation === "import") {
      if (this.#imports.length < sandboxLimits.filesMax) this.#imports.push({ id, specifier: text, from: more });
    } else if (this.#listener) receiveMessage([operation, id, text, more], this.#listener);
  }

  #native(name: string, args: readonly unknown[]): string | ArrayBuffer {
    const answer = answerNative(() => {
      const values = args.map((arg): NativeValue => (arg instanceof ArrayBuffer ? new Uint8Array(arg) : `${arg}`));
      return this.#listener?.onNative(name, values) ?? "";
    });
    return typeof answer === "string" ? answer : answer.slice().buffer;
  }
}

/** V8 puts the place of a syntax error at the end of its message: `[main.js:2:10]`. */
function parseError(error: unknown): GuestError {
  const { name = "SyntaxError", message = "" } = error as { name?: string; message?: string };
  const place = /^(.*) \[([^\s\]]+:\d+:\d+)\]$/s.exec(message);
  if (!place) return { name, message: message.slice(0, sandboxLimits.errorCharactersMax), stack: "" };
  const [, text = "", where = ""] = place;
  return { name, message: text.slice(0, sandboxLimits.errorCharactersMax), stack: `    at ${where}` };
}
