import type { Caller, CallOptions } from "./core/caller.ts";
import type { ExecArgs } from "./sandbox/exec-args.ts";
import type { ExecResult } from "./sandbox/exec-result.ts";

/**
 * The composition root: everything an agent can use, opened once over one data directory. Grows a member for each
 * room: `{ infer, models, credits, memory, sandbox, artifacts, close }`.
 */
export interface Gateway {
  readonly sandbox: GatewaySandbox;
  /** Stops what runs, settles what is open, closes every file. */
  close(): Promise<void>;
}

/** The sandbox with its bindings made for the caller: the models, memory and artifacts that the caller may use. */
export interface GatewaySandbox {
  exec(args: ExecArgs, caller: Caller, options?: CallOptions): Promise<ExecResult>;
}
