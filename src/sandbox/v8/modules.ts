import type IsolatedVm from "isolated-vm";
import { withoutDynamicImports } from "../program/async-body.ts";
import { moduleName } from "../program/module-name.ts";

/** The ES modules of a V8 guest: compiled when first imported, each once. */
export class GuestModules {
  #isolate: IsolatedVm.Isolate;
  #context: IsolatedVm.Context;
  #load: (name: string) => string | null;
  #compiled = new Map<string, IsolatedVm.Module>();
  #names = new Map<IsolatedVm.Module, string>();

  constructor(isolate: IsolatedVm.Isolate, context: IsolatedVm.Context, load: (name: string) => string | null) {
    this.#isolate = isolate;
    this.#context = context;
    this.#load = load;
  }

  /**
   * Imports a module for `__import` and hands its namespace to the guest, once it has been evaluated with all that it
   * awaits. Gives a message when that cannot be.
   */
  import(id: number, specifier: string, from: string, timeoutMs: number): string | null {
    try {
      const name = moduleName(from, specifier);
      this.#compile(name);
      const source = `import * as namespace from ${JSON.stringify(`/${name}`)};\n__imported(${id}, namespace);`;
      const runner = this.#isolate.compileModuleSync(source, { filename: "switchyard" });
      this.#names.set(runner, "switchyard");
      runner.instantiateSync(this.#context, (wanted, referrer) => this.#resolve(wanted, referrer));
      runner.evaluateSync({ timeout: timeoutMs });
      return null;
    } catch (error) {
      const { message = "the module could not be imported" } = error as { message?: string };
      if (/timed out|disposed/.test(message)) throw error;
      return message.slice(0, 1_000);
    }
  }

  #resolve(specifier: string, referrer: IsolatedVm.Module): IsolatedVm.Module {
    const from = this.#names.get(referrer) ?? "";
    // The runner names modules as they are called here already.
    return this.#compile(from === "switchyard" ? specifier.slice(1) : moduleName(from, specifier));
  }

  #compile(name: string): IsolatedVm.Module {
    const known = this.#compiled.get(name);
    if (known) return known;
    const source = this.#load(name);
    if (source === null) throw new Error(`there is no module ${JSON.stringify(name)}`);
    const rewritten = source.includes("import") ? withoutDynamicImports(source) : null;
    const text = rewritten?.source.replaceAll("__import(", `__importFrom(${JSON.stringify(name)})(`) ?? source;
    const compiled = this.#isolate.compileModuleSync(text, { filename: name });
    this.#compiled.set(name, compiled);
    this.#names.set(compiled, name);
    return compiled;
  }
}
