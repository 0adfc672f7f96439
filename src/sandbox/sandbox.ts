import { availableParallelism } from "node:os";
import type { Caller, CallOptions } from "../core/caller.ts";
import type { Clock, Rng } from "../core/clock.ts";
import { throwIfAborted } from "../core/deadline.ts";
import { SwitchyardError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import type { Json } from "../core/json.ts";
import { sandboxLimits } from "../core/limits.ts";
import { checkExecArgs, type ExecArgs } from "./exec-args.ts";
import type { ExecResult } from "./exec-result.ts";
import type { SandboxHost } from "./host.ts";
import { type FinishedRun, LiveRun } from "./live-run.ts";
import { Pool } from "./pool/pool.ts";
import type { Job } from "./protocol.ts";

export interface SandboxOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  /** Threads at work at most; one more is kept in readiness. Two or the machine's cores, unless given. */
  readonly workers?: number | undefined;
}

/** Runs code that a model wrote. */
export interface Sandbox {
  /**
   * Runs a program to its end. Whatever the program does is a result with a `status`.
   * @throws forbidden when the caller may not use the sandbox.
   * @throws too_large, invalid_request for arguments outside the limits.
   * @throws unavailable when too many programs run already, or after `close`.
   */
  exec(args: ExecArgs, host: SandboxHost, caller: Caller, options?: CallOptions): Promise<ExecResult>;
  /** Starts the first thread ahead of the first program. */
  warm(): void;
  close(): Promise<void>;
}

/** Opens a sandbox. No thread is started before the first `exec` or `warm`. */
export function openSandbox({ clock, rng, workers }: SandboxOptions): Sandbox {
  const threads = Math.min(workers ?? Math.max(2, availableParallelism()), sandboxLimits.workersMax);
  const pool = new Pool(threads);
  let isClosed = false;
  return {
    async exec(args, host, caller, options = {}) {
      if (isClosed) throw unavailable("the sandbox is closed", "Open it again");
      if (!caller.rights.sandbox) {
        throw new SwitchyardError("forbidden", "this key may not run code", {
          next: "Use a key with the sandbox right",
        });
      }
      if (pool.size >= sandboxLimits.runsMax) {
        throw unavailable(`${sandboxLimits.runsMax} programs are running already`, "Call again when some have ended");
      }
      throwIfAborted(options.signal);
      const checked = checkExecArgs(args);
      const { code, language, input, files, memoryMb, timeoutMs } = checked;
      const seed = [...new Int32Array(rng.bytes(16).slice().buffer)];
      const job: Job = { code, language, input, files, memoryMb, names: host.names, seed };
      let lines = 0;
      const { onProgress } = options;
      const run = new LiveRun({
        job,
        timeoutMs,
        host,
        signal: options.signal,
        onLog: onProgress && (({ text }) => onProgress({ progress: ++lines, message: text })),
        clock,
        pool,
      });
      return toResult(newId("run", rng), await run.finished, host);
    },
    warm: () => pool.warm(),
    async close() {
      isClosed = true;
      await pool.close();
    },
  };
}

function toResult(run: string, finished: FinishedRun, host: SandboxHost): ExecResult {
  const { outcome, logs } = finished;
  const truncated = [
    ...(outcome.isResultCut ? (["result"] as const) : []),
    ...(finished.areLogsCut ? (["logs"] as const) : []),
  ];
  return {
    run,
    status: outcome.status,
    ...(outcome.result === "" ? {} : { result: JSON.parse(outcome.result) as Json }),
    ...(outcome.error ? { error: outcome.error } : {}),
    logs,
    ...(truncated.length > 0 ? { truncated } : {}),
    usage: {
      wall_ms: round(finished.wallMs),
      cpu_ms: round(outcome.cpuMs),
      memory_bytes: outcome.memoryBytes,
      calls: finished.calls,
      cost: host.cost?.() ?? "0",
    },
  };
}

function round(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

function unavailable(message: string, next: string): SwitchyardError {
  return new SwitchyardError("unavailable", message, { next, retryable: true });
}
