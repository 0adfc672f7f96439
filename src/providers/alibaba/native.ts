import { chatError, streamedFailure } from "../dialects/openai-chat/error.ts";
import { bearer } from "../dialects/openai-chat/request.ts";
import { failure } from "../failure.ts";
import { answerObject, missing, requestIdOf } from "../media-answer.ts";
import { missedPoll } from "../missed-poll.ts";
import { asObject, asWord, type JsonObject } from "../narrow.ts";
import { withMediaOptions } from "../paid-options.ts";
import type { Credentials, WireAnswer, WireRequest } from "../shapes/wire.ts";
import type { Failed, Job, JobState } from "../task-adapter.ts";
import { errorKind } from "./error.ts";

/** The route of every model that answers at once, whatever it makes. */
export const multimodalPath = "/aigc/multimodal-generation/generation";

interface NativeCall {
  readonly path: string;
  readonly body: JsonObject;
  readonly options: JsonObject | undefined;
  /** Fields of the body that decide what the call costs, and what to use in their place. */
  readonly paid: Readonly<Record<string, string>>;
  /** Whether it is to be worked on while its caller asks how far it is. */
  readonly isTask?: boolean;
}

/** A native service of DashScope, `POST /api/v1/services…`. */
export function nativePost({ path, body, options, paid, isTask }: NativeCall, credentials: Credentials): WireRequest {
  return {
    method: "POST",
    url: `${credentials.baseUrl}/api/v1/services${path}`,
    headers: {
      ...bearer(credentials.apiKey),
      "content-type": "application/json",
      ...(isTask && { "x-dashscope-async": "enable" }),
      ...credentials.headers,
    },
    body: JSON.stringify(withMediaOptions(body, options, "alibaba", paid)),
  };
}

export interface NativeAnswer {
  readonly output: JsonObject;
  readonly usage: JsonObject;
  readonly requestId: string | undefined;
}

/** The `output` and `usage` of a native answer, or the failure that it holds. */
export function nativeAnswer(answer: WireAnswer): NativeAnswer | Failed {
  const body = answerObject(answer);
  if (!body) return { failure: failure("malformed", "the answer is not JSON") };
  const output = asObject(body.output);
  if (!output) {
    const error = asWord(body.code) === undefined ? undefined : chatError(body);
    return error ? { failure: streamedFailure(error, errorKind) } : missing("output");
  }
  return {
    output,
    usage: asObject(body.usage) ?? {},
    requestId: asWord(body.request_id) ?? requestIdOf(answer),
  };
}

/** What a task that was just submitted is. */
export function submittedTask<Result>(answer: WireAnswer): JobState<Result> {
  const read = nativeAnswer(answer);
  if ("failure" in read) return { state: "failed", ...read };
  const id = asWord(read.output.task_id);
  if (id === undefined) return { state: "failed", ...missing("task_id") };
  return { state: "running", job: { id, data: { status: asWord(read.output.task_status) ?? "PENDING" } } };
}

export function taskRequest({ id }: Job, credentials: Credentials): WireRequest {
  return {
    method: "GET",
    url: `${credentials.baseUrl}/api/v1/tasks/${encodeURIComponent(id)}`,
    headers: { ...bearer(credentials.apiKey), ...credentials.headers },
  };
}

/** A task can be stopped as long as it waits. */
export function cancelTask({ id, data }: Job, credentials: Credentials): WireRequest | undefined {
  if (data?.status !== "PENDING") return undefined;
  return {
    method: "POST",
    url: `${credentials.baseUrl}/api/v1/tasks/${encodeURIComponent(id)}/cancel`,
    headers: { ...bearer(credentials.apiKey), ...credentials.headers },
  };
}

/** How far a task is. Failed tasks come under status 200, and so do those whose id has run out. */
export function polledTask<Result>(
  answer: WireAnswer,
  job: Job,
  succeeded: (made: NativeAnswer) => JobState<Result>,
): JobState<Result> {
  const read = nativeAnswer(answer);
  if ("failure" in read) return missedPoll(read.failure, job);
  const status = asWord(read.output.task_status);
  switch (status) {
    case "PENDING":
    case "RUNNING":
    case "SUSPENDED":
      return { state: "running", job: { ...job, data: { ...job.data, status } } };
    case "SUCCEEDED":
      return succeeded(read);
    case "FAILED": {
      const error = chatError({ code: read.output.code, message: read.output.message ?? "the task failed" });
      return { state: "failed", failure: streamedFailure(error ?? noReason, errorKind) };
    }
    case "CANCELED":
      return { state: "cancelled" };
    case "UNKNOWN":
      return { state: "failed", failure: failure("not_found", "the task is not known any more", { code: status }) };
    default:
      return { state: "failed", ...missing("task_status") };
  }
}

const noReason = { message: "the task failed", code: undefined, type: undefined, status: undefined };
