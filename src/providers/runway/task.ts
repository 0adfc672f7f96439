import type { Usage } from "../../core/usage.ts";
import { bearer } from "../dialects/openai-chat/request.ts";
import { failure } from "../failure.ts";
import { answerObject, missing, requestIdOf } from "../media-answer.ts";
import { asCount, asList, asObject, asWord, defined, type JsonObject, lookup } from "../narrow.ts";
import { withMediaOptions } from "../paid-options.ts";
import type { Credentials, WireAnswer, WireRequest } from "../shapes/wire.ts";
import type { Job, JobState } from "../task-adapter.ts";
import { taskFailure } from "./error.ts";

const version = "2024-11-06";
const nanoUsdPerCredit = 10_000_000;

/** Runway asks not to be asked more often than every five seconds. */
export const pollEveryMs = 6_000;

function headers(credentials: Credentials): Record<string, string> {
  return { ...bearer(credentials.apiKey), "x-runway-version": version, ...credentials.headers };
}

/** `POST /v1/{endpoint}`, which starts a task. */
export function startTask(
  endpoint: string,
  body: JsonObject,
  credentials: Credentials,
  options: JsonObject | undefined,
  paid: Readonly<Record<string, string>>,
): WireRequest {
  return {
    method: "POST",
    url: `${credentials.baseUrl}/v1/${endpoint}`,
    headers: { ...headers(credentials), "content-type": "application/json" },
    body: JSON.stringify(withMediaOptions(body, options, "runway", paid)),
  };
}

/** What a task is that was just started. `made` says how much of what it is to make, for its usage. */
export function startedTask<Result>(answer: WireAnswer, made: Pick<Usage, Made>): JobState<Result> {
  const id = asWord(answerObject(answer)?.id);
  return id === undefined
    ? { state: "failed", ...missing("id") }
    : { state: "running", job: { id, data: { ...made } } };
}

const units = ["images", "seconds", "characters"] as const;
type Made = (typeof units)[number];

export function askTask({ id }: Job, credentials: Credentials): WireRequest {
  return {
    method: "GET",
    url: `${credentials.baseUrl}/v1/tasks/${encodeURIComponent(id)}`,
    headers: headers(credentials),
  };
}

/** Stops a task that waits or runs; of one that is done it deletes what was made. */
export function deleteTask(job: Job, credentials: Credentials): WireRequest {
  return { ...askTask(job, credentials), method: "DELETE" };
}

/**
 * How far a task is. Its own credits are what it costs, also where the safety of its input refused it.
 * `resultOf` makes a result of its links, or undefined when they are none.
 */
export function readTask<Result>(
  answer: WireAnswer,
  job: Job,
  resultOf: (links: readonly unknown[]) => Result | undefined,
): JobState<Result> {
  const task = answerObject(answer);
  if (!task) return { state: "failed", ...missing("task") };
  const cost = costOf(task);
  const usage: Usage = defined({ providerCostNanoUsd: cost });
  switch (asWord(task.status)) {
    case "PENDING":
    case "THROTTLED":
      return { state: "running", job };
    case "RUNNING": {
      const progress = asCount(task.progress);
      return { state: "running", job, ...(progress !== undefined && { progress: Math.min(1, progress) }) };
    }
    case "SUCCEEDED": {
      const made: Usage = Object.fromEntries(
        units.flatMap((unit) => {
          const count = asCount(lookup(job.data ?? {}, unit));
          return count === undefined ? [] : [[unit, count]];
        }),
      );
      const result = resultOf(asList(task.output));
      if (result === undefined) return { state: "failed", ...missing("output"), usage };
      return { state: "succeeded", result, usage: { ...made, ...usage }, requestId: requestIdOf(answer) };
    }
    case "FAILED":
      return { state: "failed", failure: taskFailure(task), ...(cost && { usage }) };
    case "CANCELLED":
      return cost
        ? { state: "failed", failure: failure("server_error", "the task was cancelled"), usage }
        : { state: "cancelled" };
    default:
      return { state: "failed", ...missing("status") };
  }
}

function costOf(task: JsonObject): bigint | undefined {
  const credits = asCount(asObject(task.cost)?.credits);
  return credits === undefined ? undefined : BigInt(Math.ceil(credits * nanoUsdPerCredit));
}
