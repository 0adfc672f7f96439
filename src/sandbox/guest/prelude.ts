import type { Engine } from "../program/engine.ts";
import { makeBindings } from "./bindings.ts";
import { makeBridge } from "./bridge.ts";
import { installBytes } from "./bytes.ts";
import { installConsole } from "./console.ts";
import { installCrypto } from "./crypto.ts";
import { installEncoding } from "./encoding.ts";
import { makeEnding } from "./ending.ts";
import { installFast } from "./fast.ts";
import { installFetch } from "./fetch.ts";
import { makeInspect } from "./inspect.ts";
import { installPerformance } from "./performance.ts";
import { installRandom } from "./random.ts";
import { captureRealm, type GuestLimits, type NativeCall, type Send } from "./realm.ts";
import { installStructuredClone } from "./structured-clone.ts";
import { installTimers } from "./timers.ts";
import { installUrl } from "./url.ts";
import { installV8 } from "./v8.ts";

/** What the host may call in the guest, all with plain text and numbers. */
interface GuestEntry {
  /** Sets up one run: `setup` is JSON of `GuestSetup`, `input` is JSON or empty. */
  begin(setup: string, input: string): void;
  deliver(id: number, kind: string, text: string): void;
  fire(id: number): void;
  finish(outcome: unknown, mode: string): void;
  failed(thrown: unknown): void;
  /** V8 only. */
  evaluate?(source: string, mode: string): void;
  imported?(id: number, namespace: unknown): void;
  importFailed?(id: number, message: string): void;
}

/** What makes one run's guest differ from another's. */
export interface GuestSetup {
  readonly names: readonly string[];
  /** Upstream MCP servers. */
  readonly servers: readonly string[];
  /** Four 32-bit words. */
  readonly seed: readonly number[];
  readonly limits: Readonly<GuestLimits>;
}

/** What every guest has from the start. */
const parts = {
  // The longest first: what it took to read is there for the others.
  makeBridge,
  installConsole,
  makeEnding,
  makeBindings,
  installTimers,
  installBytes,
  captureRealm,
  installRandom,
};

/** What most programs never touch: made when it is first named, so that a waiting guest does not hold it. */
const lazyParts = {
  makeInspect,
  installEncoding,
  installUrl,
  installCrypto,
  installStructuredClone,
  installFast,
  installPerformance,
  installFetch,
  installV8,
};
type LazyParts = typeof lazyParts;
type LoadPart = <Name extends keyof LazyParts>(name: Name) => LazyParts[Name];

/** `now` is given where the engine's own clock is not the run's. */
function start(
  guest: typeof parts,
  send: Send,
  rawNative: NativeCall,
  loadPart: LoadPart,
  now?: () => number,
): GuestEntry {
  const realm = guest.captureRealm();
  // Text comes tagged: what the host throws would carry its own stack.
  const native: NativeCall = (...args) => {
    const answer = rawNative(...args);
    if (typeof answer !== "string") return answer;
    const text = realm.slice(answer, 1);
    if (answer[0] === "=") return text;
    throw new realm.TypeError(realm.parse(text) as string);
  };
  const limits: GuestLimits = { result: 0, log: 0, logEntries: 0, error: 0, callText: 0, calls: 0, timers: 0 };
  const bridge = guest.makeBridge(realm, send, limits);
  const ending = guest.makeEnding(realm, send, limits);
  const v8 = now && loadPart("installV8")(realm, send, now, ending);
  guest.installConsole(realm, send, limits, () => loadPart("makeInspect")(realm));
  const timers = guest.installTimers(realm, send, limits);
  const seed = guest.installRandom(realm);
  const bytes = guest.installBytes(realm, native);
  // What is left out has no use here or tells of the machine: shared memory, and when the collector ran.
  for (const name of ["SharedArrayBuffer", "Atomics", "WeakRef", "FinalizationRegistry", "WebAssembly"]) {
    delete (globalThis as Record<string, unknown>)[name];
  }

  /** Globals that `install` makes when one of them is first read. */
  function lazy(names: string[], install: () => void): void {
    for (let index = 0; index < names.length; index++) {
      const name = names[index] as string;
      realm.define(globalThis, name, {
        get() {
          install();
          return (globalThis as Record<string, unknown>)[name];
        },
        set(value) {
          bytes.put(globalThis, name, value);
        },
        configurable: true,
      });
    }
  }
  lazy(["TextEncoder", "TextDecoder"], () => loadPart("installEncoding")(realm, bytes));
  lazy(["URL", "URLSearchParams"], () => loadPart("installUrl")(realm, bytes));
  lazy(["crypto"], () => loadPart("installCrypto")(realm, native, bytes));
  lazy(["structuredClone"], () => loadPart("installStructuredClone")(realm, bytes));
  lazy(["fast"], () => loadPart("installFast")(realm, native, bytes));
  lazy(["performance"], () => loadPart("installPerformance")(realm, bytes));
  const bindings = guest.makeBindings(realm, bridge, () =>
    lazy(["fetch", "Headers", "Response"], () => loadPart("installFetch")(realm, native, bridge, bytes)),
  );

  let input: unknown;
  return {
    begin(text, inputText) {
      const setup = realm.parse(text) as { names: string[]; servers: string[]; seed: number[]; limits: GuestLimits };
      const names = realm.keys(limits) as (keyof GuestLimits)[];
      for (let index = 0; index < names.length; index++) {
        const name = names[index] as keyof GuestLimits;
        limits[name] = setup.limits[name];
      }
      seed(setup.seed);
      bindings.bind(setup.names);
      bindings.bindServers(setup.servers);
      input = inputText === "" ? undefined : realm.parse(inputText);
      bytes.put(globalThis, "input", input);
    },
    deliver: bridge.deliver,
    fire: timers.fire,
    finish: (outcome, mode) => void ending.finish(outcome, mode, input),
    failed: ending.failed,
    ...(v8
      ? {
          evaluate: (source, mode) => v8.evaluate(source, mode, input),
          imported: v8.imported,
          importFailed: v8.importFailed,
        }
      : {}),
  };
}

/** The guest's own code as text, built from the functions themselves, so that it is checked, formatted and read as code. */
export interface Prelude {
  /** `(send, native, loadPart, now?) => GuestEntry`. */
  readonly source: string;
  /**
   * What `loadPart` gives, as text. QuickJS reads them one after another: what one needs while it is parsed, the next
   * one needs again, and memory that was touched stays taken.
   */
  readonly parts: Readonly<Record<string, string>>;
}

export function prelude(engine: Engine): Prelude {
  const texts = (from: Readonly<Record<string, (...args: never[]) => unknown>>) =>
    Object.entries(from).map(([name, part]): [string, string] => [name, compact(part.toString())]);
  const all = [...texts(parts), ...texts(lazyParts)];
  const object = (members: readonly string[]) => `{ ${members.join(",\n")} }`;
  const inline = object(all.map(([name, text]) => `${name}: ${text}`));
  const load = engine === "v8" ? `const inline = ${inline}; loadPart = (name) => inline[name];` : "";
  const guest = object(Object.keys(parts).map((name) => `${name}: loadPart("${name}")`));
  const begin = `return (${compact(start.toString())})(${guest}, send, native, loadPart, now);`;
  return {
    source: `(function (send, native, loadPart, now) { "use strict"; ${load} ${begin} })`,
    parts: Object.fromEntries(all.map(([name, text]) => [name, `"use strict"; (${text})`])),
  };
}

/**
 * Without comments, indentation and what types leave behind: engines keep the text of functions, once for each level
 * of nesting. No text in the guest's code holds two spaces.
 */
function compact(source: string): string {
  const lines = source.split("\n").map((line) => line.trim().replaceAll(/ {2,}/g, " "));
  return lines.filter((line) => line !== "" && !/^(?:\/\/|\/\*|\*(?:\/|\s|$))/.test(line)).join("\n");
}
