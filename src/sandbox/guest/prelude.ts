import { makeBindings } from "./bindings.ts";
import { makeBridge } from "./bridge.ts";
import { installConsole } from "./console.ts";
import { makeInspect } from "./inspect.ts";
import { installRandom } from "./random.ts";
import { captureRealm, type GuestLimits, type Send } from "./realm.ts";
import { installTimers } from "./timers.ts";

/** What the host may call in the guest, all with plain text and numbers. */
export interface GuestEntry {
  /** Sets up one run: `text` is JSON of `GuestSetup`. */
  begin(text: string, input: string): void;
  deliver(id: number, kind: string, text: string): void;
  fire(id: number): void;
  finish(outcome: unknown, mode: string): void;
  failed(thrown: unknown): void;
}

export interface GuestSetup {
  readonly names: readonly string[];
  readonly seed: readonly number[];
}

interface Parts {
  readonly captureRealm: typeof captureRealm;
  readonly makeBridge: typeof makeBridge;
  readonly makeBindings: typeof makeBindings;
  readonly makeInspect: typeof makeInspect;
  readonly installConsole: typeof installConsole;
  readonly installTimers: typeof installTimers;
  readonly installRandom: typeof installRandom;
}

function start(parts: Parts, send: Send, limits: GuestLimits): GuestEntry {
  const realm = parts.captureRealm();
  const bridge = parts.makeBridge(realm, send, limits);
  const bind = parts.makeBindings(realm, bridge);
  parts.installConsole(realm, send, limits, parts.makeInspect(realm));
  const timers = parts.installTimers(realm, send, limits);
  const seed = parts.installRandom(realm);
  // What is left out has no use here or tells of the machine: shared memory, and when the collector ran.
  for (const name of ["SharedArrayBuffer", "Atomics", "WeakRef", "FinalizationRegistry"]) {
    delete (globalThis as Record<string, unknown>)[name];
  }
  let input: unknown;
  return {
    begin(text, inputText) {
      const setup = realm.parse(text) as { names: string[]; seed: number[] };
      seed(setup.seed);
      bind(setup.names);
      input = inputText === "" ? undefined : realm.parse(inputText);
      realm.define(globalThis, "input", { value: input, writable: true, configurable: true });
    },
    deliver: bridge.deliver,
    fire: timers.fire,
    finish: (outcome, mode) => void bridge.finish(outcome, mode, input),
    failed: bridge.failed,
  };
}

/**
 * The text of `(send) => GuestEntry`, for every engine. Built from the functions themselves, so that they are
 * checked, formatted and read as code.
 */
export function preludeSource(limits: GuestLimits): string {
  const parts = { captureRealm, makeBridge, makeBindings, makeInspect, installConsole, installTimers, installRandom };
  const members = Object.entries(parts).map(([name, part]) => `${name}: ${part.toString()}`);
  return `(function (send) { "use strict"; return (${start.toString()})({ ${members.join(",\n")} }, send, ${JSON.stringify(limits)}); })`;
}
