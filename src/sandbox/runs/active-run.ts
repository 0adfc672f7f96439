import type { Clock } from "../../core/clock.ts";
import type { Json } from "../../core/json.ts";
import type { ExecResult, LogEntry } from "../exec-result.ts";
import type { SandboxHost, SettleCpu } from "../host.ts";
import { type FinishedRun, LiveRun } from "../live-run.ts";
import type { Pacer } from "../pacer.ts";
import type { RunPool } from "../pool/run-pool.ts";
import type { Engine } from "../program/engine.ts";
import type { Job } from "../protocol.ts";
import type { RunOwner, RunRecord } from "./run-record.ts";

export interface ActiveRunOptions {
  readonly id: string;
  readonly owner: RunOwner;
  readonly engine: Engine;
  readonly timeoutMs: number;
  readonly job: Job;
  readonly host: SandboxHost;
  readonly clock: Clock;
  readonly pool: RunPool;
  readonly pacer: Pacer;
  readonly settleCpu?: SettleCpu | undefined;
}

/** A run with its id: goes on by itself, whoever waits for it. */
export class ActiveRun {
  readonly id: string;
  readonly owner: RunOwner;
  /** Resolves when the run has ended; never rejects. */
  readonly ended: Promise<RunRecord>;
  /** Set once the caller that started it was answered `running`. */
  isInBackground = false;
  #live: LiveRun;
  #host: SandboxHost;
  #listeners = new Set<(entry: LogEntry) => void>();

  constructor({ id, owner, engine, timeoutMs, job, host, clock, pool, pacer, settleCpu }: ActiveRunOptions) {
    this.id = id;
    this.owner = owner;
    this.#host = host;
    const onLog = (entry: LogEntry) => {
      for (const listener of this.#listeners) listener(entry);
    };
    this.#live = new LiveRun({ job, timeoutMs, host, onLog, clock, pool, pacer });
    this.ended = this.#live.finished.then(async (finished) => {
      // A program's result stands whatever becomes of its payment: the ledger ends what nobody settles by itself.
      await settleCpu?.(finished.outcome.cpuMs).catch(() => {});
      await pacer.turn(finished.outcome.result.length);
      return { owner, engine, timeoutMs, job, result: this.#result(finished), recording: finished.recording };
    });
  }

  /** The run so far. */
  get running(): ExecResult {
    const { logs, areLogsCut, calls, wallMs } = this.#live;
    return {
      run: this.id,
      status: "running",
      logs: [...logs],
      ...(areLogsCut ? { truncated: ["logs"] } : {}),
      usage: { wall_ms: round(wallMs), cpu_ms: 0, memory_bytes: 0, calls, cost: this.#host.cost?.() ?? "0" },
    };
  }

  /** Tells `listener` of every log line from now on, until the returned function is called. */
  listen(listener: (entry: LogEntry) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  cancel(): void {
    this.#live.stop("cancelled");
  }

  #result({ outcome }: FinishedRun): ExecResult {
    const { logs, areLogsCut, calls, wallMs } = this.#live;
    const truncated: ("result" | "logs")[] = [];
    if (outcome.isResultCut) truncated.push("result");
    if (areLogsCut) truncated.push("logs");
    return {
      run: this.id,
      status: outcome.status,
      ...(outcome.result === "" ? {} : { result: parseResult(outcome.result) }),
      ...(outcome.error ? { error: outcome.error } : {}),
      logs,
      ...(truncated.length > 0 ? { truncated } : {}),
      usage: {
        wall_ms: round(wallMs),
        cpu_ms: round(outcome.cpuMs),
        memory_bytes: outcome.memoryBytes,
        calls,
        cost: this.#host.cost?.() ?? "0",
      },
    };
  }
}

/** A guest whose engine is broken may say anything; what is not JSON is shown as the text it is. */
function parseResult(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function round(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}
