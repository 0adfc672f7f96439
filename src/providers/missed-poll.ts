import type { ProviderFailure } from "./shapes/event.ts";
import type { Job, JobState } from "./task-adapter.ts";

const passing = new Set<ProviderFailure["kind"]>(["rate_limited", "overloaded", "server_error", "timeout", "network"]);

/**
 * What a question about a job that was answered with an error under a status of success says of the job: nothing, when
 * the error is one that passes. The job runs on, and so does its bill.
 */
export function missedPoll<Result>(failure: ProviderFailure, job: Job): JobState<Result> {
  return passing.has(failure.kind) ? { state: "running", job } : { state: "failed", failure };
}
