import type { Caller } from "../core/caller.ts";
import type { Generation, GenerationEvent } from "./generation.ts";
import type { InferArgs } from "./request.ts";

/** A process that runs calls for this one and outlives it. */
export interface Handover {
  /** Whether it is to run such a call. */
  takes(args: InferArgs): boolean;
  /** Hands it a generation that is written down already. Undefined: nobody took it. */
  start(id: string, args: InferArgs, caller: Caller, traceparent?: string): Promise<RemoteRun | undefined>;
  close(): void;
}

/** A generation that another process runs for this one. */
export interface RemoteRun {
  /**
   * Tells of events as they come there, which is before they are on the disk. Some may never come this way: what is on the
   * disk is what counts. Told of none, the listener had better look there now.
   */
  listen(listener: (events: readonly GenerationEvent[]) => void): void;
  cancel(): void;
}

/** Cancels a generation when its caller goes before its end. */
export function cancelWhenGone(generation: Generation, caller: AbortSignal): void {
  const leave = () => generation.cancel(caller.reason);
  if (caller.aborted) leave();
  else caller.addEventListener("abort", leave, { once: true });
  void generation.done.then(() => caller.removeEventListener("abort", leave));
}
