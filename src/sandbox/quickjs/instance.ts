import wasmVariant from "@jitl/quickjs-wasmfile-release-sync";
import {
  type EmscriptenModuleLoaderOptions,
  newQuickJSWASMModuleFromVariant,
  newVariant,
  type QuickJSContext,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
} from "quickjs-emscripten-core";

export const pageBytes = 65_536;
/** What the engine's build starts with; it cannot be made smaller. */
export const initialPages = 256;

/** The package's types describe its CommonJS build; what is imported here is the other. */
const syncVariant = wasmVariant as unknown as QuickJSSyncVariant;

/** Where an instance takes its time and its interruptions from. */
export interface InstanceHooks {
  now(): number;
  shouldInterrupt(): boolean;
}

export interface Instance {
  readonly runtime: QuickJSRuntime;
  readonly context: QuickJSContext;
  readonly memory: WebAssembly.Memory;
  /** Takes and returns guest memory; used to learn where the heap ends. */
  readonly malloc: (bytes: number) => number;
  readonly free: (pointer: number) => void;
}

/**
 * One engine in memory of its own that cannot grow past `memoryPagesMax`, whatever happens inside: the engine's own
 * memory limit is advice, the WebAssembly maximum is a wall.
 */
export async function newInstance(
  module: WebAssembly.Module,
  memoryPagesMax: number,
  stackBytes: number,
  hooks: InstanceHooks,
): Promise<Instance> {
  const memory = new WebAssembly.Memory({ initial: initialPages, maximum: Math.max(memoryPagesMax, initialPages) });
  const silent = () => {};
  const variant = newVariant(syncVariant, {
    wasmMemory: memory,
    emscriptenModule: {
      // Its default would put this process's script path into guest memory.
      thisProgram: "guest",
      print: silent,
      printErr: silent,
      instantiateWasm(imports: WebAssembly.Imports, onSuccess: (instance: WebAssembly.Instance) => void) {
        withGuestClock(imports, hooks);
        const instance = new WebAssembly.Instance(module, imports);
        onSuccess(instance);
        return instance.exports;
      },
    } as EmscriptenModuleLoaderOptions,
    log: silent,
  });
  const engine = await newQuickJSWASMModuleFromVariant(variant);
  const runtime = engine.newRuntime();
  runtime.setMaxStackSize(stackBytes);
  runtime.setInterruptHandler(() => hooks.shouldInterrupt());
  const context = runtime.newContext();
  const { module: emscripten } = engine.getFFI() as unknown as {
    module: { _malloc(bytes: number): number; _free(pointer: number): void };
  };
  return { runtime, context, memory, malloc: emscripten._malloc, free: emscripten._free };
}

/**
 * Names of imports in the pinned build (0.32.0): the date, local time and time zone. The guest's clock is the run's
 * own, and its time zone is UTC, whatever the machine's is.
 */
function withGuestClock(imports: WebAssembly.Imports, hooks: InstanceHooks): void {
  const functions = imports.a as Record<string, unknown>;
  functions.p = () => hooks.now();
  const memory = functions.a as WebAssembly.Memory;
  functions.m = (seconds: bigint, pointer: number) => {
    const date = new Date(Number(seconds) * 1_000);
    const yearStart = Date.UTC(date.getUTCFullYear(), 0, 1);
    const fields = [
      date.getUTCSeconds(),
      date.getUTCMinutes(),
      date.getUTCHours(),
      date.getUTCDate(),
      date.getUTCMonth(),
      date.getUTCFullYear() - 1900,
      date.getUTCDay(),
      Math.floor((date.getTime() - yearStart) / 86_400_000),
      0,
      0,
    ];
    new Int32Array(memory.buffer, pointer, fields.length).set(fields);
  };
  functions.n = (zonePointer: number, daylightPointer: number, standard: number, daylight: number) => {
    const view = new DataView(memory.buffer);
    view.setUint32(zonePointer, 0, true);
    view.setUint32(daylightPointer, 0, true);
    for (const pointer of [standard, daylight]) new Uint8Array(memory.buffer, pointer, 4).set([0x55, 0x54, 0x43, 0]);
  };
}
