import type { makeEnding } from "./ending.ts";
import type { Realm, Send } from "./realm.ts";

/**
 * What a V8 guest needs besides: a clock of the run's own, evaluation that keeps a thrown value inside, and imports,
 * which the engine leaves to its embedder.
 */
export function installV8(realm: Realm, send: Send, now: () => number, ending: ReturnType<typeof makeEnding>) {
  const { define } = realm;
  const { construct } = Reflect;
  const { floor } = Math;
  // Called through a variable it is global eval: what a script would be, with what it throws kept inside.
  // biome-ignore lint/security/noGlobalEval: this runs inside the guest, on the guest's own program
  const evaluateGlobally = eval;

  function installClock(): void {
    const NativeDate = Date;
    const GuestDate = function (this: unknown, ...args: unknown[]) {
      if (new.target === undefined) return new NativeDate(now()).toString();
      return construct(NativeDate, args.length === 0 ? [now()] : args, new.target);
    };
    define(GuestDate, "prototype", { value: NativeDate.prototype, writable: false });
    define(GuestDate, "name", { value: "Date" });
    define(GuestDate, "length", { value: 7 });
    define(GuestDate, "now", { value: () => floor(now()), writable: true, configurable: true });
    define(GuestDate, "parse", { value: NativeDate.parse, writable: true, configurable: true });
    define(GuestDate, "UTC", { value: NativeDate.UTC, writable: true, configurable: true });
    define(NativeDate.prototype, "constructor", { value: GuestDate, writable: true, configurable: true });
    define(globalThis, "Date", { value: GuestDate, writable: true, configurable: true });
    // Both tell the machine's time behind the clock's back.
    for (const name of ["Intl", "Temporal"]) delete (globalThis as Record<string, unknown>)[name];
  }

  interface Waiting {
    readonly resolve: (namespace: unknown) => void;
    readonly reject: (error: unknown) => void;
  }
  const waiting = realm.create(null) as Record<number, Waiting>;
  let imports = 0;

  function importFrom(file: string) {
    return (specifier: unknown) =>
      new realm.Promise((resolve, reject) => {
        imports++;
        waiting[imports] = { resolve, reject };
        send("import", imports, `${specifier}`, file);
      });
  }

  function imported(id: number, namespace: unknown): void {
    const entry = waiting[id];
    delete waiting[id];
    entry?.resolve(namespace);
  }

  function importFailed(id: number, message: string): void {
    const entry = waiting[id];
    delete waiting[id];
    entry?.reject(new realm.Error(message));
  }

  function evaluate(source: string, mode: string, input: unknown): void {
    let outcome: unknown;
    try {
      outcome = evaluateGlobally(source);
    } catch (error) {
      ending.failed(error);
      return;
    }
    void ending.finish(outcome, mode === "script" ? "value" : mode, input);
  }

  installClock();
  const hidden: Record<string, unknown> = {
    __import: importFrom("main.js"),
    __importFrom: importFrom,
    __imported: imported,
  };
  for (const name of realm.keys(hidden)) define(globalThis, name, { value: hidden[name] });
  return { evaluate, imported, importFailed };
}
