import type { QuickJSContext, QuickJSHandle } from "quickjs-emscripten-core";
import { sandboxLimits } from "../../core/limits.ts";
import type { GuestSetup, Prelude } from "../guest/prelude.ts";
import { type GuestMessage, receiveMessage } from "../guest-message.ts";
import type { AnswerKind, GuestError, Isolate, IsolateListener, ProgramForm } from "../isolate.ts";
import type { NativeValue } from "../natives/native.ts";
import { answerNative } from "../natives/registry.ts";
import { moduleName } from "../program/module-name.ts";
import { heapEnd, type Image, matchesImage, restoreImage, takeImage } from "./image.ts";
import { type Instance, type InstanceHooks, newInstance, pageBytes } from "./instance.ts";

/** `JS_EVAL_TYPE_GLOBAL | JS_EVAL_FLAG_ASYNC`: a script with top-level await whose completion value is kept. */
const asyncScript = 128;
const moduleType = 1;
const plainScript = 0;
/** The engine's static data and stack, and room for its own error to come before the wall. */
const engineBytes = 8 * 1024 * 1024;

interface Entry {
  readonly begin: QuickJSHandle;
  readonly deliver: QuickJSHandle;
  readonly fire: QuickJSHandle;
  readonly finish: QuickJSHandle;
  readonly failed: QuickJSHandle;
}

/**
 * A guest on QuickJS. It serves one run at a time and is set back between runs by copying its memory's image over
 * it; after anything unexpected it is broken and must be dropped, never disposed: its heap cannot be trusted.
 */
export class QuickjsIsolate implements Isolate {
  readonly engine = "quickjs";
  readonly memoryMb: number;
  #instance: Instance;
  #entry: Entry;
  #image: Image | null;
  #isBroken = false;
  #listener: IsolateListener | undefined;
  /** Set while a form is parsed: an error then is the parser's, not the program's. */
  #parseError: GuestError | null = null;
  #isParsing = false;

  private constructor(instance: Instance, entry: Entry, memoryMb: number) {
    this.#instance = instance;
    this.#entry = entry;
    this.#image = null;
    this.memoryMb = memoryMb;
  }

  /**
   * Makes an isolate with `prelude` run in it. `shared` is an image to share when the new memory equals it;
   * `breakAddress` null means that the isolate serves one run only.
   */
  static async open(
    module: WebAssembly.Module,
    memoryMb: number,
    prelude: Prelude,
    breakAddress: number | null,
    shared: Image | null,
  ): Promise<QuickjsIsolate> {
    let self: QuickjsIsolate | undefined;
    const hooks: InstanceHooks = {
      now: () => self?.listener?.now() ?? 0,
      shouldInterrupt: () => self?.listener?.shouldStop() ?? false,
    };
    const guestBytes = memoryMb * 1024 * 1024;
    const pages = (guestBytes + engineBytes) / pageBytes;
    const instance = await newInstance(module, pages, sandboxLimits.stackBytesMax, hooks);
    const { context, runtime } = instance;
    runtime.setMemoryLimit(guestBytes);
    runtime.setModuleLoader((name) => {
      try {
        return self?.listener?.loadModule(name) ?? { error: new Error(`there is no module ${JSON.stringify(name)}`) };
      } catch (error) {
        return { error: error instanceof Error ? error : new Error(String(error)) };
      }
    }, moduleName);
    const send = context.newFunction("send", (operation, id, text, more) => {
      self?.receive([
        context.getString(operation),
        context.getNumber(id),
        context.getString(text),
        context.getString(more),
      ]);
    });
    const native = context.newFunction("native", (name, ...args) => {
      const answer = answerNative(() => {
        const values = args.map((arg) => readNative(context, arg));
        const value = self?.listener?.onNative(context.getString(name), values) ?? "";
        self?.checkRoom(value.length);
        return value;
      });
      return typeof answer === "string" ? context.newString(answer) : context.newArrayBuffer(exactBuffer(answer));
    });
    const loadPart = context.newFunction("loadPart", (name) =>
      context.evalCode(prelude.parts[context.getString(name)] ?? "undefined", "switchyard", plainScript),
    );
    const start = context.unwrapResult(context.evalCode(prelude.source, "switchyard", plainScript));
    const members = context.unwrapResult(context.callFunction(start, context.undefined, send, native, loadPart));
    const entry: Entry = {
      begin: context.getProp(members, "begin"),
      deliver: context.getProp(members, "deliver"),
      fire: context.getProp(members, "fire"),
      finish: context.getProp(members, "finish"),
      failed: context.getProp(members, "failed"),
    };
    // Read once now, so that the wrapper's own cache is part of what every run starts with.
    void [context.undefined, context.null, context.true, context.false, context.global];
    self = new QuickjsIsolate(instance, entry, memoryMb);
    if (breakAddress !== null) {
      self.#image = shared && matchesImage(instance, shared) ? shared : takeImage(instance, breakAddress);
    }
    return self;
  }

  get image(): Image | null {
    return this.#image;
  }

  /** The guest's memory as it is. */
  get memory(): WebAssembly.Memory {
    return this.#instance.memory;
  }

  private get listener(): IsolateListener | undefined {
    return this.#listener;
  }

  begin(listener: IsolateListener, setup: GuestSetup, input: string, stackBytes: number): void {
    this.#listener = listener;
    // Kept in the guest's memory: the reset brings the usual one back.
    if (stackBytes !== sandboxLimits.stackBytesMax) this.#instance.runtime.setMaxStackSize(stackBytes);
    this.#call(this.#entry.begin, [JSON.stringify(setup), input]);
  }

  evaluate(form: ProgramForm): GuestError | null {
    const { context } = this.#instance;
    this.#parseError = null;
    this.#guarded(() => {
      const flags = form.mode === "module" ? moduleType : form.mode === "script" ? asyncScript : plainScript;
      const result = context.evalCode(form.source, form.file, flags);
      if (result.error) {
        this.#isParsing = form.mode !== "module";
        this.#invoke(this.#entry.failed, [result.error]);
        this.#isParsing = false;
        result.error.dispose();
        return;
      }
      const mode = context.newString(form.mode);
      this.#invoke(this.#entry.finish, [result.value, mode]);
      mode.dispose();
      result.value.dispose();
    });
    return this.#parseError;
  }

  deliver(call: number, kind: AnswerKind, text: string): void {
    this.#call(this.#entry.deliver, [call, kind, text]);
  }

  fire(timer: number): void {
    this.#call(this.#entry.fire, [timer]);
  }

  memoryBytes(): number {
    const { memory } = this.#instance;
    if (!this.#image || this.#isBroken) return memory.buffer.byteLength;
    return Math.max(0, heapEnd(memory, this.#image.breakAddress) - this.#image.highStart - this.#image.high.length);
  }

  /** Sets the isolate back to before its first run. False when it cannot be used again. */
  reset(): boolean {
    this.#listener = undefined;
    if (this.#isBroken || !this.#image) return false;
    return restoreImage(this.#instance.memory, this.#image);
  }

  #call(target: QuickJSHandle, args: readonly (string | number)[]): void {
    const { context } = this.#instance;
    this.#guarded(() => {
      for (const arg of args) if (typeof arg === "string") this.checkRoom(arg.length);
      const handles = args.map((arg) => (typeof arg === "string" ? context.newString(arg) : context.newNumber(arg)));
      this.#invoke(target, handles);
      for (const handle of handles) handle.dispose();
    });
  }

  #invoke(target: QuickJSHandle, handles: QuickJSHandle[]): void {
    const { context } = this.#instance;
    const result = context.callFunction(target, context.undefined, ...handles);
    if (result.error) this.#escaped(result.error);
    else result.value.dispose();
  }

  /** Runs guest code and then its jobs. What the host side throws here leaves the engine in an unknown state. */
  #guarded(work: () => void): void {
    try {
      work();
      this.#runJobs();
    } catch (error) {
      this.#isBroken = true;
      this.#isParsing = false;
      if (error instanceof OutOfGuestMemory) {
        this.#listener?.onError({ name: "null", message: "", stack: "" });
        return;
      }
      const isStack = error instanceof RangeError;
      this.#listener?.onError({
        name: isStack ? "RangeError" : "InternalError",
        message: isStack ? "the program is nested too deeply" : "the engine failed; the program was stopped",
        stack: "",
      });
    }
  }

  #runJobs(): void {
    const { runtime } = this.#instance;
    const result = runtime.executePendingJobs();
    if (result.error) this.#escaped(result.error);
    else result.dispose();
  }

  /** An exception that no guest code caught: an interruption, the end of memory, or a host call that was refused. */
  #escaped(error: QuickJSHandle): void {
    const { context } = this.#instance;
    const result = context.callFunction(this.#entry.failed, context.undefined, error);
    // `failed` itself can fail when memory is gone or the run is being interrupted.
    if (result.error) {
      result.error.dispose();
      this.#listener?.onError({ name: "null", message: "", stack: "" });
    } else result.value.dispose();
    error.dispose();
  }

  private receive(message: GuestMessage): void {
    if (!this.#listener) return;
    const onParseError = (error: GuestError) => {
      this.#parseError = error;
    };
    receiveMessage(message, this.#listener, this.#isParsing ? onParseError : undefined);
  }

  /** The wrapper does not look whether the guest's memory still has room for what is copied into it. */
  private checkRoom(characters: number): void {
    const { malloc, free } = this.#instance;
    const pointer = malloc(characters * 3 + 1_024);
    if (pointer === 0) throw new OutOfGuestMemory();
    free(pointer);
  }
}

class OutOfGuestMemory extends Error {}

function readNative(context: QuickJSContext, handle: QuickJSHandle): NativeValue {
  if (context.typeof(handle) === "string") return context.getString(handle);
  const bytes = context.getArrayBuffer(handle);
  const copy = bytes.value.slice();
  bytes.dispose();
  return copy;
}

function exactBuffer(bytes: Uint8Array): ArrayBuffer {
  return bytes.byteLength === bytes.buffer.byteLength ? (bytes.buffer as ArrayBuffer) : bytes.slice().buffer;
}
