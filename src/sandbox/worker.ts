import { parentPort, workerData } from "node:worker_threads";
import type { FromThread, ToThread } from "./protocol.ts";
import type { QuickjsIsolate } from "./quickjs/isolate.ts";
import { Stock } from "./quickjs/stock.ts";
import { SharedState } from "./shared-state.ts";
import { Run, type RunContext } from "./thread/run.ts";
import type { ThreadSetup } from "./thread-setup.ts";

/** A thread of the pool: it has guests, a port to the pool, and nothing else. */
const { module, shared: buffer, prelude, warm } = workerData as ThreadSetup;
if (!parentPort) throw new Error("this file is a worker thread of the sandbox");
const port = parentPort;
const shared = new SharedState(buffer);
const post = (message: FromThread) => port.postMessage(message);
const stock = await Stock.open(module, prelude, warm);
const runs = new Map<number, Run>();
const context: RunContext = {
  post,
  enter: (run) => shared.enter(run),
  leave: (run, cpuMs) => shared.leave(run.slot, cpuMs),
  stopReason: (slot) => shared.stopReason(slot),
  onEnd(run) {
    runs.delete(run.number);
    stock.give(run.isolate as QuickjsIsolate);
  },
  onBroken: () => post({ op: "retire" }),
};

async function start({ run, slot, timeoutMs, job }: ToThread & { op: "run" }): Promise<void> {
  const receivedMs = performance.now();
  const taken = stock.take(job.memoryMb);
  // Only a promise is waited for: the usual run starts in the turn that its message came in.
  const isolate = taken instanceof Promise ? await taken : taken;
  // Stopped while it waited: the pool has answered for it.
  if (!shared.tryStart(slot)) {
    stock.give(isolate);
    post({ op: "refused", run });
    return;
  }
  const live = new Run(run, slot, timeoutMs - (performance.now() - receivedMs), job, isolate, context);
  runs.set(run, live);
  live.start();
}

port.on("message", (message: ToThread) => {
  if (message.op === "run") start(message).catch(() => post({ op: "refused", run: message.run }));
  else if (message.op === "answer") runs.get(message.run)?.answer(message.call, message.kind, message.text);
  else runs.get(message.run)?.stop(message.reason);
});
post({ op: "ready" });
