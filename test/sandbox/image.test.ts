import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { sandboxAssets } from "../../src/sandbox/assets.ts";
import { prelude as preludeOf } from "../../src/sandbox/guest/prelude.ts";
import type { IsolateListener } from "../../src/sandbox/isolate.ts";
import { findBreakAddress, heapEnd } from "../../src/sandbox/quickjs/image.ts";
import { newInstance } from "../../src/sandbox/quickjs/instance.ts";
import { QuickjsIsolate } from "../../src/sandbox/quickjs/isolate.ts";

const module = await WebAssembly.compile(await readFile(sandboxAssets().wasm));
const limits = { result: 1e6, log: 1e4, logEntries: 100, error: 1e3, callText: 1e6, calls: 10, timers: 10 };
const setup = { names: ["AI.run"], servers: [], seed: [1, 2, 3, 4], limits };
const stackBytes = 2 * 1024 * 1024;
const hooks = { now: () => 0, shouldInterrupt: () => false };

const silent: IsolateListener = {
  onCall() {},
  onLog() {},
  onTimer() {},
  onClear() {},
  onCancel() {},
  onNative: () => "",
  onResult() {},
  onError() {},
  shouldStop: () => false,
  now: () => 0,
  loadModule: () => null,
};

test("the engine's build keeps the heap's end in a word that can be found, and it follows the heap", async () => {
  const probe = await newInstance(module, 0, stackBytes, hooks);
  const address = findBreakAddress(probe);
  expect(address).not.toBeNull();
  const other = await newInstance(module, 0, stackBytes, hooks);
  const before = heapEnd(other.memory, address ?? 0);
  const pointer = other.malloc(1_000_000);
  expect(heapEnd(other.memory, address ?? 0)).toBeGreaterThanOrEqual(pointer + 1_000_000);
  expect(before).toBeLessThan(pointer + 1_000_000);
});

test("isolates made by the same steps share one image, and a reset brings every byte of it back", async () => {
  const address = findBreakAddress(await newInstance(module, 0, stackBytes, hooks));
  const prelude = preludeOf("quickjs");
  const first = await QuickjsIsolate.open(module, 64, prelude, address, null);
  const second = await QuickjsIsolate.open(module, 64, prelude, address, first.image);
  expect(second.image).toBe(first.image);
  const pristine = Buffer.from(second.memory.buffer.slice(0));
  for (const source of [
    "globalThis.a = Array.from({ length: 10000 }, (_, i) => ({ i, text: 'x'.repeat(i % 50) })); 1",
    "const f = (n) => n === 0 ? 0 : 1 + f(n - 1); f(800)",
    "for (const key of Object.getOwnPropertyNames(globalThis)) try { delete globalThis[key] } catch {}",
    "throw new Error('x'.repeat(1e5))",
  ]) {
    second.begin(silent, setup, "", stackBytes);
    expect(second.evaluate({ source, file: "main.js", mode: "script", shifts: [] })).toBeNull();
    expect(second.reset()).toBe(true);
    expect(Buffer.from(second.memory.buffer).equals(pristine)).toBe(true);
  }
});
