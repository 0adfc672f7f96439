import type { Usage } from "../../core/usage.ts";
import { failure, header } from "../failure.ts";
import { answerObject, missing } from "../media-answer.ts";
import { asCount, asList, asObject, asWord, defined, type JsonObject } from "../narrow.ts";
import { withMediaOptions } from "../paid-options.ts";
import type { Credentials, WireAnswer, WireRequest } from "../shapes/wire.ts";
import type { Job, JobState } from "../task-adapter.ts";
import { taskFailure } from "./error.ts";

const nanoUsdPerCredit = 5_000_000;

/** Vidu's scheme is a word of its own. */
function headers(credentials: Credentials): Record<string, string> {
  return { authorization: `Token ${credentials.apiKey}`, ...credentials.headers };
}

/** `POST /{route}`, which starts a task. */
export function startTask(
  route: string,
  body: JsonObject,
  credentials: Credentials,
  options: JsonObject | undefined,
  paid: Readonly<Record<string, string>>,
): WireRequest {
  return {
    method: "POST",
    url: `${credentials.baseUrl}/${route}`,
    headers: { ...headers(credentials), "content-type": "application/json" },
    body: JSON.stringify(withMediaOptions(body, options, "vidu", paid)),
  };
}

/** What a task is that was just started: it says already how long it will be and what it costs. */
export function startedTask<Result>(answer: WireAnswer, secondsAsked?: number): JobState<Result> {
  const task = answerObject(answer);
  const id = asWord(task?.task_id) ?? asWord(task?.id);
  if (!task || id === undefined) return { state: "failed", ...missing("task_id") };
  const state = asWord(task.state);
  if (state === "failed") return { state: "failed", failure: taskFailure(asWord(task.err_code)) };
  // A length that is left to the model is told as none.
  const seconds = secondsAsked === undefined ? undefined : asCount(task.duration) || secondsAsked;
  return {
    state: "running",
    job: { id, data: defined({ state: state ?? "created", seconds, credits: asCount(task.credits) }) },
  };
}

export function askTask({ id }: Job, credentials: Credentials): WireRequest {
  return {
    method: "GET",
    url: `${credentials.baseUrl}/tasks/${encodeURIComponent(id)}/creations`,
    headers: headers(credentials),
  };
}

/** A task can be stopped as long as it waits. */
export function cancelTask({ id, data }: Job, credentials: Credentials): WireRequest | undefined {
  if (data?.state !== "created" && data?.state !== "queueing") return undefined;
  return {
    method: "POST",
    url: `${credentials.baseUrl}/tasks/${encodeURIComponent(id)}/cancel`,
    headers: { ...headers(credentials), "content-type": "application/json" },
    body: JSON.stringify({ id }),
  };
}

/** How far a task is. Its own credits are what it costs. `resultOf` makes a result of its links, undefined of none. */
export function readTask<Result>(
  answer: WireAnswer,
  job: Job,
  resultOf: (links: readonly unknown[]) => Result | undefined,
): JobState<Result> {
  const task = answerObject(answer);
  const state = asWord(task?.state);
  switch (state) {
    case "created":
    case "queueing":
    case "processing": {
      const percent = asCount(task?.progress);
      return {
        state: "running",
        job: { ...job, data: { ...job.data, state } },
        ...(percent !== undefined && { progress: Math.min(1, percent / 100) }),
      };
    }
    case "success": {
      const links = asList(task?.creations).map((creation) => asObject(creation)?.url);
      const usage = usageOf(task ?? {}, job);
      const result = resultOf(links);
      if (result === undefined) return { state: "failed", ...missing("creations"), usage };
      return { state: "succeeded", result, usage: { ...usage, ...madeOf(links, job) }, requestId: traceOf(answer) };
    }
    case "failed": {
      const code = asWord(task?.err_code);
      if (code === "UserCancelled") return { state: "cancelled" };
      return { state: "failed", failure: taskFailure(code) };
    }
    case "expired":
      return { state: "failed", failure: failure("not_found", "the task expired", { code: state }) };
    default:
      return { state: "failed", ...missing("state") };
  }
}

function usageOf(task: JsonObject, { data }: Job): Usage {
  const credits = asCount(task.credits) ?? asCount(data?.credits);
  return defined({
    providerCostNanoUsd: credits === undefined ? undefined : BigInt(Math.ceil(credits * nanoUsdPerCredit)),
  });
}

function madeOf(links: readonly unknown[], { data }: Job): Usage {
  const seconds = asCount(data?.seconds);
  return seconds === undefined ? { images: links.length } : { seconds };
}

function traceOf({ headers: received }: WireAnswer): string | undefined {
  return header(received, "x-request-id") ?? header(received, "x-trace-id");
}
