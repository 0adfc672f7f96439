import { makeBindings } from "./bindings.ts";
import { makeBridge } from "./bridge.ts";
import { installConsole } from "./console.ts";
import { installCrypto } from "./crypto.ts";
import { installEncoding } from "./encoding.ts";
import { makeEnding } from "./ending.ts";
import { installFast } from "./fast.ts";
import { makeFetch } from "./fetch.ts";
import { makeInspect } from "./inspect.ts";
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

const parts = {
  captureRealm,
  makeBridge,
  makeEnding,
  makeBindings,
  makeInspect,
  installConsole,
  installTimers,
  installRandom,
  installEncoding,
  installUrl,
  installCrypto,
  installStructuredClone,
  installFast,
  makeFetch,
  installV8,
};

/** `now` is given where the engine's own clock is not the run's. */
function start(guest: typeof parts, send: Send, rawNative: NativeCall, now?: () => number): GuestEntry {
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
  const v8 = now && guest.installV8(realm, send, now, ending);
  guest.installConsole(realm, send, limits, guest.makeInspect(realm));
  const timers = guest.installTimers(realm, send, limits);
  const seed = guest.installRandom(realm);
  const encoding = guest.installEncoding(realm, native);
  guest.installUrl(realm, native);
  const bindings = guest.makeBindings(realm, bridge, guest.makeFetch(realm, native, bridge, encoding));
  guest.installCrypto(realm, native, encoding);
  guest.installStructuredClone(realm);
  guest.installFast(realm, native, encoding);
  // What is left out has no use here or tells of the machine: shared memory, and when the collector ran.
  for (const name of ["SharedArrayBuffer", "Atomics", "WeakRef", "FinalizationRegistry", "WebAssembly"]) {
    delete (globalThis as Record<string, unknown>)[name];
  }
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
      realm.define(globalThis, "input", { value: input, writable: true, configurable: true });
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

/**
 * The text of `(send, native, now?) => GuestEntry`, for every engine. Built from the functions themselves, so that they are
 * checked, formatted and read as code.
 */
export function preludeSource(): string {
  const members = Object.entries(parts).map(([name, part]) => `${name}: ${part.toString()}`);
  return `(function (send, native, now) { "use strict"; return (${start.toString()})({ ${members.join(",\n")} }, send, native, now); })`;
}
