import type IsolatedVm from "isolated-vm";
import { sandboxLimits } from "../../core/limits.ts";
import { prelude } from "../guest/prelude.ts";
import type { FromThread, ToThread } from "../protocol.ts";
import { Run } from "../thread/run.ts";
import { V8Isolate } from "./isolate.ts";

/** A process for one program on V8: it has a guest, a channel to its parent, and is gone when the program is over. */
const native = { exports: {} as { ivm: typeof IsolatedVm } };
process.dlopen(native, `${process.argv[2]}`);
const { ivm } = native.exports;
const { source } = prelude("v8");
let run: Run | undefined;
let deadlineMs = Number.POSITIVE_INFINITY;

/** The process ends when its last word has been sent. */
const post = (message: FromThread) => {
  process.send?.(message, () => {
    if (message.op === "done") process.disconnect?.();
  });
};
const open = (memoryMb: number) =>
  new V8Isolate(
    ivm,
    memoryMb,
    source,
    () => deadlineMs - performance.now(),
    () => process.kill(process.pid, "SIGKILL"),
  );
const ready = open(sandboxLimits.memoryMbDefault);

process.on("message", (message: ToThread) => {
  if (message.op === "run") {
    deadlineMs = performance.now() + message.timeoutMs;
    const isolate = message.job.memoryMb === sandboxLimits.memoryMbDefault ? ready : open(message.job.memoryMb);
    run = new Run(message.run, message.slot, message.timeoutMs, message.job, isolate, {
      post,
      enter: () => {},
      leave: () => {},
      stopReason: () => undefined,
      onEnd: () => {},
      onBroken: () => {},
    });
    run.start();
  } else if (message.op === "answer") run?.answer(message.call, message.kind, message.text);
  else run?.stop(message.reason);
});
// Without its parent there is nobody to answer to.
process.on("disconnect", () => process.exit(0));
post({ op: "ready" });
