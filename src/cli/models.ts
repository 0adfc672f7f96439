import { localCaller } from "../core/caller.ts";
import { SwitchyardError } from "../core/errors.ts";
import { type Task, tasks } from "../core/task.ts";
import type { ModelFacts } from "../infer/models.ts";
import { openContext } from "./context.ts";

export interface ModelsOptions {
  readonly task?: string;
  readonly provider?: string;
  readonly usable?: boolean;
  readonly limit: string;
  readonly json?: boolean;
}

/** `switchyard models gpt mini --task text`. */
export async function models(words: readonly string[], options: ModelsOptions): Promise<void> {
  const task = tasks.find((name) => name === options.task);
  if (options.task !== undefined && task === undefined) {
    throw new SwitchyardError("invalid_request", `there is no task ${options.task}`, {
      next: `Tasks are ${tasks.join(", ")}`,
    });
  }
  const context = openContext();
  const gateway = await context.gateway();
  const { models: found, next_cursor } = await gateway.models.search(queryOf(words, options, task), localCaller);
  if (options.json) console.log(JSON.stringify(found, null, 2));
  else {
    for (const model of found) console.log(line(model));
    if (found.length === 0) console.log("No model matches.");
    else if (next_cursor !== undefined) console.log(`… and more: --limit ${Number(options.limit) * 2} shows them.`);
  }
  await context.close();
}

function queryOf(words: readonly string[], options: ModelsOptions, task: Task | undefined) {
  return {
    query: words.join(" "),
    limit: Number(options.limit) || 20,
    ...(task === undefined ? {} : { task }),
    ...(options.provider === undefined ? {} : { provider: options.provider }),
    ...(options.usable === undefined ? {} : { usable: options.usable }),
  };
}

function line(model: ModelFacts): string {
  const price = model.price
    ? Object.entries(model.price)
        .flatMap(([unit, value]) => (typeof value === "number" ? [`$${value} ${unit}`] : []))
        .join(", ")
    : "price unknown";
  return `${model.usable ? "✓" : " "} ${model.id.padEnd(44)} ${model.task.padEnd(13)} ${price}${model.usable ? "" : `  (${model.missing})`}`;
}
