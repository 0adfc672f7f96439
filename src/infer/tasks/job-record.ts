import type { Asked } from "../../catalog/media-cost.ts";
import type { Job } from "../../providers/task-adapter.ts";
import type { AttemptRecord } from "../result.ts";

/** A job at a provider, with what is needed to go on with it and to pay for it. */
export interface JobRecord {
  readonly model: string;
  readonly key: string;
  readonly job: Job;
  readonly hold: string;
  readonly worst: string;
  readonly asked: Asked;
  readonly workspace: string;
  /** Attempts before it. */
  readonly attempts?: readonly AttemptRecord[] | undefined;
  readonly cost?: string | undefined;
  readonly list?: string | undefined;
}
