import type { Json } from "../core/json.ts";
import type { RunError, RunStatus } from "./protocol.ts";

export interface LogEntry {
  readonly level: string;
  readonly text: string;
  readonly at_ms: number;
}

/** What `sandbox.exec` answers. A program that throws or runs out of time or memory is a result like any other. */
export interface ExecResult {
  readonly run: string;
  readonly status: RunStatus | "running";
  /** Absent when the program's value is `undefined`. When cut, the beginning of the value's JSON as a string: all of it, for one of too many values. */
  readonly result?: Json | undefined;
  readonly error?: RunError | undefined;
  readonly logs: LogEntry[];
  /** What was cut at its bound. */
  readonly truncated?: ("result" | "logs")[];
  readonly usage: {
    readonly wall_ms: number;
    readonly cpu_ms: number;
    readonly memory_bytes: number;
    readonly calls: number;
    /** Decimal string of US dollars. */
    readonly cost: string;
  };
}
