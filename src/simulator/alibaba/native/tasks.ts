import type { Usage } from "../../../core/usage.ts";
import { type Job, type JobState, type Jobs, jobs } from "../../media/jobs.ts";
import type { ProviderRequest, Route, WireContext } from "../../provider.ts";
import { jsonReply, type Reply } from "../../wire/reply.ts";
import { inspectionFailed, nativeError } from "./errors.ts";

/** What a task makes: fields of its `output` and its `usage`. */
export interface TaskWork {
  readonly output: () => object;
  readonly usage: object;
  /** What is charged when it succeeds. */
  readonly billed: Usage;
  made: object | null;
}

export interface Tasks {
  /** Submits a task; the request has to ask for it with `X-DashScope-Async: enable`. */
  submit(request: ProviderRequest, work: Omit<TaskWork, "made">, ending: "succeeded" | "failed" | "refused"): Reply;
  readonly routes: readonly Route[];
}

const stateNames: Record<JobState, string> = {
  queued: "PENDING",
  running: "RUNNING",
  succeeded: "SUCCEEDED",
  failed: "FAILED",
  refused: "FAILED",
  cancelled: "CANCELED",
};

/** Tasks of the native API: submit, `GET /api/v1/tasks/{id}`, cancel while they wait, list. */
export function tasks(context: WireContext): Tasks {
  const all: Jobs<TaskWork> = jobs(context.paces, () => context.clock.now());
  const at = (ms: number) => new Date(ms).toISOString().replace("T", " ").replace("Z", "");

  function submit(
    request: ProviderRequest,
    work: Omit<TaskWork, "made">,
    ending: "succeeded" | "failed" | "refused",
  ): Reply {
    if (request.headers["x-dashscope-async"] !== "enable") {
      return nativeError(
        request.requestId,
        "current user api does not support synchronous calls.",
        "AccessDenied",
        403,
      );
    }
    const job = all.submit(context.ids.next("task-"), { ...work, made: null }, ending);
    const body = { output: { task_id: job.id, task_status: "PENDING" }, request_id: request.requestId };
    return jsonReply(200, body, { billed: ending === "succeeded" ? work.billed : {} });
  }

  function outputOf(job: Job<TaskWork>): object {
    const times = { submit_time: at(job.createdAtMs), scheduled_time: at(job.createdAtMs) };
    const head = { task_id: job.id, task_status: stateNames[job.state], ...times };
    if (job.state === "failed") return { ...head, code: "InternalError", message: "The task failed. (simulated)" };
    if (job.state === "refused") return { ...head, ...inspectionFailed };
    if (job.state !== "succeeded") return head;
    job.work.made ??= job.work.output();
    return { ...head, end_time: at(context.clock.now()), ...job.work.made };
  }

  function poll(request: ProviderRequest, id: string): Reply {
    const job = all.poll(id);
    // An id that has run out is no error: its state is not known any more.
    if (!job) return jsonReply(200, { request_id: request.requestId, output: { task_id: id, task_status: "UNKNOWN" } });
    const usage = job.state === "succeeded" ? { usage: job.work.usage } : {};
    return jsonReply(200, { request_id: request.requestId, output: outputOf(job), ...usage });
  }

  function cancel(request: ProviderRequest, id: string): Reply {
    const job = all.find(id);
    if (!job) return nativeError(request.requestId, `Task ${id} not found.`, "InvalidParameter", 404);
    if (!all.cancel(id, ["queued"])) {
      return nativeError(
        request.requestId,
        "Failed to cancel the task, please confirm if the task is in PENDING status.",
        "UnsupportedOperation",
      );
    }
    const refund = Object.fromEntries(
      Object.entries(job.work.billed).map(([unit, amount]) => [unit, -(amount as number)]),
    );
    return jsonReply(200, { request_id: request.requestId }, { billed: refund as Usage });
  }

  return {
    submit,
    routes: [
      { method: "GET", path: /^\/api\/v1\/tasks\/([^/]+)$/, handle: (request, [id = ""]) => poll(request, id) },
      {
        method: "POST",
        path: /^\/api\/v1\/tasks\/([^/]+)\/cancel$/,
        handle: (request, [id = ""]) => cancel(request, id),
      },
      {
        method: "GET",
        path: /^\/api\/v1\/tasks\/?$/,
        handle: (request) =>
          jsonReply(200, { request_id: request.requestId, data: all.list().map(outputOf), total: all.list().length }),
      },
    ],
  };
}
