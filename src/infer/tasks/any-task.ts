import type { TaskRequest } from "../../providers/shapes/task-request.ts";
import type { TaskAdapter } from "../../providers/task-adapter.ts";

/** A request of any task other than text: which it is, `parseParams` has checked. */
export type AnyTaskRequest = TaskRequest<Readonly<Record<string, unknown>>>;
export type AnyTaskAdapter = TaskAdapter<AnyTaskRequest, unknown>;
