import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { promisify } from "node:util";
import type IsolatedVm from "isolated-vm";
import { newInstance } from "../../src/sandbox/quickjs/instance.ts";
import { median } from "./measure.ts";

export interface Peer {
  readonly name: string;
  /** Start, `1 + 1`, end: the median in milliseconds. Undefined when it is not on this machine. */
  readonly startMs: number | undefined;
  readonly residentBytes: number | undefined;
}

/** QuickJS in this thread: a context for each program, without limits on time, without a stop, without isolation. */
export async function bareQuickjs(module: WebAssembly.Module): Promise<Peer> {
  const { runtime } = await newInstance(module, 1_024, 512 * 1024, {
    now: () => Date.now(),
    shouldInterrupt: () => false,
  });
  const startMs = await median(200, () => {
    const context = runtime.newContext();
    context.unwrapResult(context.evalCode("1+1")).dispose();
    context.dispose();
  });
  return { name: "bare QuickJS context, same thread", startMs, residentBytes: undefined };
}

/** isolated-vm in this process: an isolate for each program. */
export async function isolatedVm(): Promise<Peer> {
  const name = "isolated-vm isolate, same process";
  let ivm: typeof IsolatedVm;
  try {
    ivm = createRequire(import.meta.url)("isolated-vm") as typeof IsolatedVm;
  } catch {
    return { name, startMs: undefined, residentBytes: undefined };
  }
  const run = async () => {
    const isolate = new ivm.Isolate({ memoryLimit: 64 });
    const context = await isolate.createContext();
    await context.eval("1+1");
    return isolate;
  };
  const startMs = await median(30, async () => (await run()).dispose());
  const before = process.memoryUsage().rss;
  const kept = await Promise.all(Array.from({ length: 20 }, run));
  const residentBytes = (process.memoryUsage().rss - before) / kept.length;
  for (const isolate of kept) isolate.dispose();
  return { name, startMs, residentBytes };
}

/** A process for each program. */
export async function nodeProcess(): Promise<Peer> {
  const run = promisify(execFile);
  const startMs = await median(7, () => run(process.execPath, ["-e", "1+1"]));
  const { stdout } = await run(process.execPath, ["-p", "process.memoryUsage().rss"]);
  return { name: "node -e", startMs, residentBytes: Number(stdout) };
}
