import type { Task } from "../../core/task.ts";
import { joinClassifications, joinEmbeddings, joinImages, joinModerations } from "../../providers/join.ts";
import type { Succeeded } from "../../providers/task-adapter.ts";

type Join = (parts: readonly Succeeded<never>[]) => Succeeded<unknown>;

const joins: Readonly<Partial<Record<Task, Join>>> = {
  embedding: joinEmbeddings,
  moderation: joinModerations,
  classification: joinClassifications,
  image: joinImages,
};

/** One result of the parts that a request was sent in. */
export function joinParts<Result>(task: Task, parts: readonly Succeeded<Result>[]): Succeeded<Result> {
  const [only] = parts;
  if (parts.length === 1 && only) return only;
  const join = joins[task];
  if (!join) throw new Error(`a ${task} request was sent in parts that nothing joins`);
  return join(parts as readonly Succeeded<never>[]) as Succeeded<Result>;
}
