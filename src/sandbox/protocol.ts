import type { AnswerKind } from "./isolate.ts";

/** The bounds of one run. */
export interface RunLimits {
  readonly cpuMs: number;
  /** On QuickJS; V8 has a bound of its own. */
  readonly stackBytes: number;
  readonly resultBytes: number;
  readonly logBytes: number;
  readonly logEntries: number;
  readonly callBytes: number;
  readonly calls: number;
  readonly callsInFlight: number;
  readonly timers: number;
}

/** Everything a run needs, as plain data. */
export interface Job {
  readonly code: string;
  readonly language: "javascript" | "typescript" | undefined;
  /** JSON text, or empty for none. */
  readonly input: string;
  readonly files: Readonly<Record<string, string>>;
  /** Host bindings: `"AI.run"`, `"fetch"`. */
  readonly names: readonly string[];
  /** Upstream MCP servers: `mcp.<server>`. */
  readonly servers: readonly string[];
  readonly seed: readonly number[];
  readonly memoryMb: number;
  readonly limits: RunLimits;
  /** Where the program's clock starts; with `virtual` it passes in timers only, and those are not waited for. */
  readonly clock: { readonly startMs: number; readonly isVirtual: boolean };
  /** A run to go through again without calling anything. */
  readonly recording?: Recording | undefined;
}

/** What came into a run from outside, in order: enough to run it again exactly. */
export interface Recording {
  readonly calls: readonly RecordedCall[];
  readonly answers: readonly RecordedAnswer[];
  /** When the n-th answer was delivered and which timer fired, as they followed one another. */
  readonly trace: Trace;
}

export interface RecordedCall {
  readonly name: string;
  /** JSON text. */
  readonly args: string;
}

export interface RecordedAnswer {
  readonly call: number;
  readonly kind: AnswerKind;
  readonly text: string;
}

/** `[atMs]` for the next answer, `[atMs, timer]` for a timer. */
export type Trace = readonly (readonly [atMs: number, timer?: number])[];

export type RunStatus = "ok" | "error" | "timeout" | "memory" | "cancelled" | "evicted";

/** A run's end, as the thread that ran it saw it. */
export interface Outcome {
  readonly status: RunStatus;
  /** JSON text, or empty for `undefined`. */
  readonly result: string;
  readonly isResultCut: boolean;
  readonly error: RunError | undefined;
  readonly cpuMs: number;
  readonly memoryBytes: number;
  /** Null when more happened than is written down. */
  readonly trace: Trace | null;
}

/** A program's error, placed in the user's own files. */
export interface RunError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  /** The same program may succeed when it is run again. */
  readonly retryable?: boolean;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly stack?: string;
}

export type StopReason = "timeout" | "cancelled";

/** `run` is a number unique in the process: a message about a run that has ended is recognised and dropped. */
export type ToThread =
  | { readonly op: "run"; readonly slot: number; readonly run: number; readonly timeoutMs: number; readonly job: Job }
  | {
      readonly op: "answer";
      readonly run: number;
      readonly call: number;
      readonly kind: AnswerKind;
      readonly text: string;
    }
  | { readonly op: "stop"; readonly run: number; readonly reason: StopReason };

/** What a thread says of one of its runs. */
export type RunMessage =
  /** The run could not be taken up; nothing of it ran. */
  | { readonly op: "refused"; readonly run: number }
  | {
      readonly op: "call";
      readonly run: number;
      readonly call: number;
      readonly name: string;
      readonly args: string;
      /** How many values `args` holds: counted where it does not keep the server waiting. */
      readonly values: number;
    }
  | { readonly op: "cancel"; readonly run: number; readonly call: number }
  | {
      readonly op: "log";
      readonly run: number;
      readonly level: string;
      readonly text: string;
      readonly atMs: number;
      readonly isLast: boolean;
    }
  | { readonly op: "done"; readonly run: number; readonly outcome: Outcome };

export type FromThread =
  | { readonly op: "ready" }
  /** The thread is no longer sound: it finishes what it has and wants nothing new. */
  | { readonly op: "retire" }
  | RunMessage;
