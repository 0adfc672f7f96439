import { openCatalog } from "../../../src/catalog/catalog.ts";
import { shippedRows } from "../../../src/catalog/shipped.ts";
import type { ModelCard } from "../../../src/core/model-card.ts";
import type { Task } from "../../../src/core/task.ts";
import { loadAdapter, providerList } from "../../../src/providers/registry.ts";
import type { TaskAdapter } from "../../../src/providers/task-adapter.ts";

/** What every adapter for a task that neither writes text nor makes media is held to. The order is the order of the columns. */
export const otherBehaviours = {
  out: "there is one result for each thing asked about",
  usage: "what it used, against what the provider's simulator billed",
  errors: "each class of error, and whether to come back",
} as const;

export type OtherBehaviour = keyof typeof otherBehaviours;
export type Asked = { readonly prompt: string; readonly params: Readonly<Record<string, unknown>> };
export type AnyAdapter = TaskAdapter<Asked, Record<string, unknown>>;

export interface ConformingTask {
  readonly provider: string;
  readonly task: Task;
  readonly model: ModelCard;
  readonly adapter: AnyAdapter;
  readonly asked: Asked;
  /** Why a behaviour is not there. */
  readonly lacks: Partial<Readonly<Record<OtherBehaviour, string>>>;
  /** The official client that checks the simulator's side of it. */
  readonly oracle: string | undefined;
}

/** The least that a task can be asked for. */
const simplest: Readonly<Partial<Record<Task, Asked>>> = {
  embedding: { prompt: "", params: { input: ["alpha"] } },
  moderation: { prompt: "", params: { input: ["be kind"] } },
  rerank: { prompt: "fruit", params: { documents: ["a pear", "a train"] } },
  classification: { prompt: "", params: { input: ["good"], labels: { kind: "friendly", rude: "unfriendly" } } },
};

/** Official clients under which the simulators' routes for these tasks are tested. */
const oracles: Readonly<Record<string, string>> = {
  "openai embedding": "openai",
  "google embedding": "@google/genai",
  "groq moderation": "groq-sdk",
  "alibaba embedding": "openai",
  "bytedance embedding": "openai",
  "workers-ai embedding": "cloudflare",
  "workers-ai moderation": "cloudflare",
  "workers-ai rerank": "cloudflare",
};

const unplayed = "no simulator plays it: its tests hold it to its documents alone";
const opinionless = "the simulator has no opinions: its tests hold it to its documents alone";
const unsaid = "its answers do not say: what they read is counted here";
/** What no rule about an adapter says. */
const otherLacks: Readonly<Record<string, ConformingTask["lacks"]>> = {
  "google embedding": { usage: unsaid },
  "groq moderation": { out: opinionless, usage: opinionless },
  "workers-ai moderation": { out: opinionless, usage: opinionless },
  "workers-ai rerank": { usage: unsaid },
  "workers-ai classification": { out: unplayed, usage: unplayed, errors: unplayed },
};
const tasks = Object.keys(simplest) as Task[];

const catalog = openCatalog(await shippedRows(), "2026-11-22");
export const conformingTasks: readonly ConformingTask[] = (
  await Promise.all(providerList.flatMap(({ provider }) => tasks.map((task) => rowOf(provider, task))))
).flat();

async function rowOf(provider: string, task: Task): Promise<ConformingTask[]> {
  const found = (await loadAdapter(provider))?.[task as "image"] as unknown;
  if (found === undefined) return [];
  const doing = (model: ModelCard) =>
    (typeof found === "function" ? (found as (model: ModelCard) => unknown)(model) : found) as AnyAdapter | undefined;
  const models = catalog.search({ provider, task }).filter(({ status }) => status !== "ended");
  const [model] = models;
  const adapter = model && doing(model);
  const asked = simplest[task];
  if (!adapter || !asked) throw new Error(`${provider} has no ${task} model that its adapter takes`);
  const name = `${provider} ${task}`;
  return [{ provider, task, model, adapter, asked, lacks: otherLacks[name] ?? {}, oracle: oracles[name] }];
}
