import type { ExecResult } from "../exec-result.ts";
import type { Engine } from "../program/engine.ts";
import type { Job, Recording } from "../protocol.ts";

/** Whose run it is: only they may ask for it or replay it. */
export interface RunOwner {
  readonly workspace: string;
  readonly key: string | null;
}

/** A run that has ended, as it is kept. */
export interface RunRecord {
  readonly owner: RunOwner;
  readonly engine: Engine;
  readonly timeoutMs: number;
  readonly job: Job;
  readonly result: ExecResult;
  /** Null when it cannot be gone through again. */
  readonly recording: Recording | null;
}

export function isOwner(owner: RunOwner, asking: RunOwner): boolean {
  return owner.workspace === asking.workspace && owner.key === asking.key;
}

/** About how much memory a record holds, in characters. */
export function recordCharacters({ job, result, recording }: RunRecord): number {
  let size = 1_000 + job.code.length + job.input.length;
  for (const path of Object.keys(job.files)) size += path.length + (job.files[path]?.length ?? 0);
  for (const { text } of result.logs) size += text.length + 50;
  for (const call of recording?.calls ?? []) size += call.args.length + 50;
  for (const answer of recording?.answers ?? []) size += answer.text.length + 50;
  return size + (recording?.trace.length ?? 0) * 16;
}
