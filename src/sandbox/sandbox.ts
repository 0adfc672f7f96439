import { availableParallelism } from "node:os";
import type { Caller, CallOptions } from "../core/caller.ts";
import type { Clock, Rng } from "../core/clock.ts";
import { abortError, throwIfAborted } from "../core/deadline.ts";
import { SwitchyardError } from "../core/errors.ts";
import { newId } from "../core/ids.ts";
import { sandboxLimits } from "../core/limits.ts";
import { type LowerCeilings, lowered } from "./ceilings.ts";
import { composeHost, type SandboxServices } from "./composed-host.ts";
import type { EgressSettings } from "./egress/policy.ts";
import { type Lookup, systemLookup } from "./egress/resolve.ts";
import { checkFiles, type ExecArgs, readProgram, readWaitMs, seedWords } from "./exec-args.ts";
import type { ExecResult } from "./exec-result.ts";
import type { SandboxHost, SettleCpu } from "./host.ts";
import { Pacer } from "./pacer.ts";
import { ThreadPool } from "./pool/thread-pool.ts";
import type { Job } from "./protocol.ts";
import { ActiveRun } from "./runs/active-run.ts";
import { isOwner, type RunOwner, type RunRecord } from "./runs/run-record.ts";
import { RunStore } from "./runs/run-store.ts";
import type { Upstreams } from "./upstreams/upstreams.ts";
import { v8Entry } from "./v8/assets.ts";
import { ProcessPool } from "./v8/process-pool.ts";

export interface SandboxOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  /** Threads at work at most; one more is kept in readiness. Two or the machine's cores, unless given. */
  readonly workers?: number | undefined;
  /** Where runs are kept that can be asked for after a restart. In memory only, unless given. */
  readonly runsDirectory?: string | undefined;
  /** The hosts that programs may reach with `fetch`. None, unless given. */
  readonly egress?: EgressSettings | undefined;
  /** How names become addresses; the system's resolver, unless given. */
  readonly lookup?: Lookup | undefined;
  /** Other MCP servers, for programs to use as `mcp.<server>.<tool>()`. */
  readonly upstreams?: Upstreams | undefined;
  /** Another build of the entry file of V8's processes. */
  readonly v8Entry?: string | undefined;
  /** Less than the built-in most for what one call may ask for. */
  readonly ceilings?: LowerCeilings | undefined;
}

/** Runs code that a model wrote. */
export interface Sandbox {
  /**
   * Runs a program, asks for a run, or goes through one again. Whatever a program does is a result with a `status`.
   * @throws forbidden when the caller may not use the sandbox.
   * @throws too_large, invalid_request for arguments outside the limits.
   * @throws not_found for a run that is not there, or not the caller's.
   * @throws unavailable when too many programs run already, or after `close`.
   */
  exec(args: ExecArgs, host: SandboxHost, caller: Caller, options?: CallOptions): Promise<ExecResult>;
  /** Starts the first thread ahead of the first program. */
  warm(): void;
  close(): Promise<void>;
}

/** When the clock of a run with a seed starts. */
const seededStartMs = Date.UTC(2024, 0, 1);
const pollMs = 250;

/** Opens a sandbox. No thread is started before the first `exec` or `warm`. */
export function openSandbox(options: SandboxOptions): Sandbox {
  const { clock, rng, workers, runsDirectory, ceilings } = options;
  const most = lowered(ceilings);
  const threads = Math.min(workers ?? Math.max(2, availableParallelism()), sandboxLimits.workersMax);
  const threadPool = new ThreadPool(threads);
  const processPool = new ProcessPool(options.v8Entry ?? v8Entry());
  const pacer = new Pacer();
  const store = new RunStore(runsDirectory, pacer);
  const services: SandboxServices = {
    egress: options.egress ?? { rules: [] },
    lookup: options.lookup ?? systemLookup,
    upstreams: options.upstreams,
  };
  const active = new Map<string, ActiveRun>();
  let isClosed = false;

  function checkRoom(): void {
    if (isClosed) throw unavailable("the sandbox is closed", "Open it again");
    if (active.size < sandboxLimits.runsMax) return;
    throw unavailable(`${sandboxLimits.runsMax} programs are running already`, "Call again when some have ended");
  }

  async function start(
    options: Pick<RunRecord, "owner" | "engine" | "timeoutMs" | "job">,
    host: SandboxHost,
  ): Promise<ActiveRun> {
    checkRoom();
    let settleCpu: SettleCpu | undefined;
    if (host.meterCpu) {
      settleCpu = await host.meterCpu(options.job.limits.cpuMs);
      try {
        checkRoom();
      } catch (error) {
        await settleCpu(0);
        throw error;
      }
    }
    const pool = options.engine === "v8" ? processPool : threadPool;
    const run = new ActiveRun({ ...options, id: newId("run", rng), host, clock, pool, pacer, settleCpu });
    active.set(run.id, run);
    void run.ended.then((record) => {
      active.delete(run.id);
      store.put(record, run.isInBackground);
    });
    return run;
  }

  async function startProgram(
    code: string,
    args: ExecArgs,
    callerHost: SandboxHost,
    owner: RunOwner,
    signal: AbortSignal | undefined,
  ): Promise<ActiveRun> {
    const { timeoutMs, engine, ...program } = readProgram(code, args, most);
    if (engine === "v8") processPool.engine();
    const host = composeHost(callerHost, services, args.allow);
    const files = args.from ? await withModules(callerHost, args.from, program.files, signal) : program.files;
    const job: Job = {
      ...program,
      files,
      names: host.names,
      servers: host.servers,
      seed: args.seed === undefined ? randomWords(rng) : seedWords(args.seed),
      clock: { startMs: args.seed === undefined ? clock.now() : seededStartMs, isVirtual: args.seed !== undefined },
    };
    return await start({ owner, engine, timeoutMs, job }, host);
  }

  async function startReplay(id: string, args: ExecArgs, callerHost: SandboxHost, owner: RunOwner): Promise<ActiveRun> {
    const record = await store.get(id);
    if (!record || !isOwner(record.owner, owner)) throw noSuchRun(id);
    const { engine, timeoutMs, job, recording } = record;
    if (!recording) {
      throw new SwitchyardError("unsupported", `what ${id} was answered was not kept: it cannot be replayed`, {
        next: "Run the program again",
        details: { run: id },
      });
    }
    const code = args.code ?? job.code;
    const host = recordedHost(job, callerHost);
    return await start({ owner, engine, timeoutMs, job: { ...job, code, recording } }, host);
  }

  /** Waits for a run as long as its caller does. */
  async function wait(run: ActiveRun, waitMs: number, { signal, onProgress }: CallOptions): Promise<ExecResult> {
    let lines = 0;
    const unlisten = onProgress && run.listen(({ text }) => onProgress({ progress: ++lines, message: text }));
    const onAbort = () => run.cancel();
    signal?.addEventListener("abort", onAbort, { once: true });
    if (signal?.aborted) onAbort();
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), waitMs);
    });
    try {
      const ended = await Promise.race([run.ended, patience]);
      if (ended) return ended.result;
      if (!run.isInBackground) store.markRunning(run.id, run.owner);
      run.isInBackground = true;
      return run.running;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
      unlisten?.();
    }
  }

  /** Asks for a run: this process's own, one that has ended, or one of another process. */
  async function ask(id: string, args: ExecArgs, owner: RunOwner, options: CallOptions): Promise<ExecResult> {
    const waitMs = readWaitMs(args);
    const run = active.get(id);
    if (run) {
      if (!isOwner(run.owner, owner)) throw noSuchRun(id);
      if (args.cancel) run.cancel();
      return await wait(run, waitMs, { onProgress: options.onProgress });
    }
    const untilMs = clock.monotonicMs() + waitMs;
    for (;;) {
      const record = await store.get(id);
      if (record && isOwner(record.owner, owner)) return record.result;
      const elsewhere = await store.running(id);
      if (record || !elsewhere || !isOwner(elsewhere.owner, owner)) throw noSuchRun(id);
      if (!elsewhere.isAlive) return unfinished(id, "evicted", "the server that ran this program ended before it did");
      if (clock.monotonicMs() >= untilMs) return unfinished(id, "running");
      await clock.sleep(pollMs, options.signal);
    }
  }

  return {
    async exec(args, host, caller, options = {}) {
      if (isClosed) checkRoom();
      if (!caller.rights.sandbox) {
        throw new SwitchyardError("forbidden", "this key may not run code", {
          next: "Use a key with the sandbox right",
        });
      }
      throwIfAborted(options.signal);
      const owner: RunOwner = { workspace: caller.workspace, key: caller.key };
      if (args.run !== undefined) return await ask(args.run, args, owner, options);
      const waitMs = readWaitMs(args);
      if (args.replay !== undefined) {
        return await wait(await startReplay(args.replay, args, host, owner), waitMs, options);
      }
      if (args.code === undefined) {
        throw new SwitchyardError("invalid_request", "there is nothing to run", {
          next: "Give code, a run to ask for, or a run to replay",
        });
      }
      return await wait(await startProgram(args.code, args, host, owner, options.signal), waitMs, options);
    },
    warm: () => threadPool.warm(),
    async close() {
      isClosed = true;
      for (const run of active.values()) run.cancel();
      await Promise.all([...active.values()].map(({ ended }) => ended));
      await Promise.all([threadPool.close(), processPool.close()]);
      await store.close();
    },
  };
}

/** The modules of an artifact, under those that the call brought with it. */
async function withModules(
  host: SandboxHost,
  { repo, ref }: NonNullable<ExecArgs["from"]>,
  files: Readonly<Record<string, string>>,
  signal: AbortSignal | undefined,
): Promise<Readonly<Record<string, string>>> {
  if (!host.loadModules) {
    throw new SwitchyardError("unsupported", "there are no artifacts to import from", {
      next: "Pass the modules in files",
    });
  }
  const all = { ...(await host.loadModules(repo, ref, { signal })), ...files };
  checkFiles(all);
  return all;
}

/** Has the names of the recorded run's bindings; nothing is ever called. Its CPU time is paid like any other. */
function recordedHost(job: Job, { meterCpu, cost }: SandboxHost): SandboxHost {
  return {
    names: job.names,
    meterCpu,
    cost: () => cost?.() ?? "0",
    call: async () => {
      throw abortError(AbortSignal.abort());
    },
  };
}

function randomWords(rng: Rng): readonly number[] {
  return [...new Int32Array(rng.bytes(16).slice().buffer)];
}

/** A run of which this process has only heard. */
function unfinished(run: string, status: "running" | "evicted", message?: string): ExecResult {
  return {
    run,
    status,
    ...(message === undefined ? {} : { error: { name: "EvictedError", message, code: "evicted", retryable: true } }),
    logs: [],
    usage: { wall_ms: 0, cpu_ms: 0, memory_bytes: 0, calls: 0, cost: "0" },
  };
}

function noSuchRun(run: string): SwitchyardError {
  return new SwitchyardError("not_found", `there is no run ${run}`, {
    next: "Ask with the run that sandbox.exec answered; runs are kept for a while only",
    details: { run },
  });
}

function unavailable(message: string, next: string): SwitchyardError {
  return new SwitchyardError("unavailable", message, { next, retryable: true });
}
