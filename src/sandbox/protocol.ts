/** Everything a run needs, as plain data. */
export interface Job {
  readonly code: string;
  readonly language: "javascript" | "typescript" | undefined;
  /** JSON text, or empty for none. */
  readonly input: string;
  readonly files: Readonly<Record<string, string>>;
  /** Host bindings: `"AI.run"`, `"fetch"`. */
  readonly names: readonly string[];
  readonly seed: readonly number[];
  readonly memoryMb: number;
}

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
}

export interface RunError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
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
      readonly slot: number;
      readonly run: number;
      readonly call: number;
      readonly kind: "ok" | "error";
      readonly text: string;
    }
  | { readonly op: "stop"; readonly slot: number; readonly run: number; readonly reason: StopReason };

export type FromThread =
  | { readonly op: "ready" }
  /** The thread is no longer sound: it finishes what it has and wants nothing new. */
  | { readonly op: "retire" }
  /** The run could not be taken up; nothing of it ran. */
  | { readonly op: "refused"; readonly run: number }
  | { readonly op: "call"; readonly run: number; readonly call: number; readonly name: string; readonly args: string }
  | {
      readonly op: "log";
      readonly run: number;
      readonly level: string;
      readonly text: string;
      readonly atMs: number;
      readonly isLast: boolean;
    }
  | { readonly op: "done"; readonly run: number; readonly outcome: Outcome };

export interface ThreadSetup {
  readonly module: WebAssembly.Module;
  readonly shared: SharedArrayBuffer;
  readonly prelude: string;
  /** How many isolates to keep ready. */
  readonly warm: number;
}
