import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Caller, localCaller } from "../../src/core/caller.ts";
import { type Clock, systemClock, systemRng } from "../../src/core/clock.ts";
import { type Memory, type MemoryOptions, openMemory } from "../../src/memory/memory.ts";

/** A clock that stands still until it is moved. Sleeping takes no time worth naming. */
export class TestClock implements Clock {
  #now: number;

  constructor(at = "2026-06-01T12:00:00Z") {
    this.#now = Date.parse(at);
  }

  now = () => this.#now;
  monotonicMs = systemClock.monotonicMs;
  sleep = systemClock.sleep;

  advance(ms: number): void {
    this.#now += ms;
  }
}

export interface OpenedMemory {
  readonly memory: Memory;
  readonly directory: string;
  readonly clock: TestClock;
  readonly caller: Caller;
}

/** A memory over a directory of its own that goes away with the test. */
export function openTestMemory(options: Partial<MemoryOptions> = {}): OpenedMemory {
  const directory = options.directory ?? temporaryDirectory();
  const clock = new TestClock();
  const memory = openMemory({ clock, rng: systemRng, ...options, directory });
  onTestFinished(() => memory.close());
  return { memory, directory, clock, caller: localCaller };
}

export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "switchyard-memory-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

export function contentsOf(result: { readonly memories: readonly { readonly content: string }[] }): string[] {
  return result.memories.map((memory) => memory.content);
}
