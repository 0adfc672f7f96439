import type { Artifacts } from "./artifacts/artifacts.ts";
import type { Caller, CallOptions } from "./core/caller.ts";
import type { Ledger } from "./credits/ledger.ts";
import type { Infer } from "./infer/infer.ts";
import type { Models } from "./infer/models.ts";
import type { Memory } from "./memory/memory.ts";
import type { ExecArgs } from "./sandbox/exec-args.ts";
import type { ExecResult } from "./sandbox/exec-result.ts";

/** Everything an agent can use, opened once over one data directory by `openGateway`. */
export interface Gateway {
  readonly infer: Infer;
  readonly models: Models;
  readonly credits: Ledger;
  readonly memory: Memory;
  readonly sandbox: { exec(args: ExecArgs, caller: Caller, options?: CallOptions): Promise<ExecResult> };
  readonly artifacts: Artifacts;
  /** Bytes behind a handle of the caller's workspace. @throws not_found */
  readBlob(handle: string, caller: Caller): Promise<Uint8Array>;
  /** Stops what runs, settles what is open, closes every file. */
  close(): Promise<void>;
}
