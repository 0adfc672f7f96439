import type { Caller } from "../core/caller.ts";
import type { ModelCard } from "../core/model-card.ts";
import type { Task } from "../core/task.ts";
import { parseTraceparent } from "../core/traceparent.ts";
import type { InferArgs } from "./request.ts";
import type { AttemptRecord, InferResult } from "./result.ts";

/** Is told of every call and of its attempts. Never throws and never makes a call wait. */
export interface Telemetry {
  call(begun: BegunCall): CallTrace;
}

export interface BegunCall {
  readonly id: string;
  readonly args: InferArgs;
  readonly caller: Caller;
  readonly task: Task;
  /** As the caller gave it. */
  readonly traceparent?: string | undefined;
}

export interface CallTrace {
  attempt(card: ModelCard): AttemptTrace;
  ended(result: InferResult): void;
}

export interface AttemptTrace {
  /** What the provider is told of the trace. */
  readonly traceparent: string | undefined;
  ended(record: AttemptRecord): void;
}

/** Without telemetry of our own the caller's trace is passed on as it is. */
export const passingOn: Telemetry = {
  call({ traceparent }) {
    const attempt: AttemptTrace = {
      traceparent: parseTraceparent(traceparent) && traceparent,
      ended: () => undefined,
    };
    return { attempt: () => attempt, ended: () => undefined };
  },
};
