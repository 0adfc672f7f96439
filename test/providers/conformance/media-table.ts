import { openCatalog } from "../../../src/catalog/catalog.ts";
import { shippedRows } from "../../../src/catalog/shipped.ts";
import type { ModelCard } from "../../../src/core/model-card.ts";
import type { Task } from "../../../src/core/task.ts";
import { loadAdapter, providerList } from "../../../src/providers/registry.ts";
import type { TaskAdapter } from "../../../src/providers/task-adapter.ts";
import { png, wav } from "../support/media.ts";

/** What every adapter for a task other than text is held to. The order is the order of the columns. */
export const mediaBehaviours = {
  out: "what is made is taken in, whether it comes as bytes or as a link",
  in: "images, video or sound of the caller's, as bytes",
  job: "a job from its submission through every question to its result",
  cancel: "a job that nobody wants any more is stopped at the provider",
  usage: "what it used, against what the provider's simulator billed",
  errors: "each class of error, and whether to come back",
} as const;

export type MediaBehaviour = keyof typeof mediaBehaviours;
export type Asked = { readonly prompt: string; readonly params: Readonly<Record<string, unknown>> };
export type AnyAdapter = TaskAdapter<Asked, Record<string, unknown>>;

export interface ConformingTask {
  readonly provider: string;
  readonly task: Task;
  readonly model: ModelCard;
  readonly adapter: AnyAdapter;
  /** The simplest request that the model takes, and one with media where it takes any. */
  readonly asked: Asked;
  readonly withMedia: Asked | undefined;
  /** Why a behaviour is not there. */
  readonly lacks: Partial<Readonly<Record<MediaBehaviour, string>>>;
  /** The official client that checks the simulator's side of it. */
  readonly oracle: string | undefined;
}

const still = { data: png.toString("base64") };
const sound = { data: wav(2).toString("base64") };

/** The least that a task can be asked for; what some models insist on comes after. */
const simplest: Readonly<Partial<Record<Task, Asked>>> = {
  image: { prompt: "a red kite", params: {} },
  video: { prompt: "a fox runs", params: {} },
  speech: { prompt: "Hello there.", params: {} },
  transcription: { prompt: "", params: { audio: sound } },
  music: { prompt: "calm folk", params: {} },
  embedding: { prompt: "", params: { input: ["alpha"] } },
  moderation: { prompt: "", params: { input: ["be kind"] } },
  rerank: { prompt: "fruit", params: { documents: ["a pear", "a train"] } },
  classification: { prompt: "", params: { input: ["good"], labels: { kind: "friendly", rude: "unfriendly" } } },
};
const givenMedia: Readonly<Partial<Record<Task, readonly Readonly<Record<string, unknown>>[]>>> = {
  image: [{ images: [still] }],
  video: [
    { first_frame: still },
    { reference_images: [still] },
    { video: { data: still.data, media_type: "video/mp4" } },
  ],
};

/** Official clients under which the simulators' routes for these tasks are tested. */
const oracles: Readonly<Record<string, string>> = {
  "openai image": "openai",
  "openai speech": "openai",
  "openai transcription": "openai",
  "openai embedding": "openai",
  "google image": "@google/genai",
  "google video": "@google/genai",
  "google speech": "@google/genai",
  "google transcription": "@google/genai",
  "google embedding": "@google/genai",
  "groq speech": "groq-sdk",
  "groq transcription": "groq-sdk",
  "groq moderation": "groq-sdk",
  "alibaba embedding": "openai",
  "bytedance embedding": "openai",
  "runway image": "@runwayml/sdk",
  "runway video": "@runwayml/sdk",
  "runway speech": "@runwayml/sdk",
  "assemblyai transcription": "assemblyai",
  "inworld speech": "@inworld/tts",
  "recraft image": "openai",
  "workers-ai image": "cloudflare",
  "workers-ai speech": "cloudflare",
  "workers-ai transcription": "cloudflare",
  "workers-ai embedding": "cloudflare",
  "workers-ai moderation": "cloudflare",
  "workers-ai rerank": "cloudflare",
};

const unplayed = "no simulator plays it: its tests hold it to its documents alone";
const opinionless = "the simulator has no opinions: its tests hold it to its documents alone";
const unsaid = "its answers do not say: what they read is counted here";
/** What no rule about an adapter says. */
const otherLacks: Readonly<Record<string, ConformingTask["lacks"]>> = {
  "google music": { out: unplayed, usage: unplayed, errors: unplayed },
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
  // A model that takes media says more than one that does not.
  const rows = models.flatMap((model) => {
    const adapter = doing(model);
    const takes = adapter && requests(task, adapter, model);
    return takes ? [{ model, adapter, ...takes }] : [];
  });
  const row = rows.find(({ withMedia, asked }) => withMedia && asked) ?? rows[0];
  if (!row) throw new Error(`${provider} has no ${task} model that its adapter takes`);
  return [{ provider, task, ...row, lacks: lacksOf(provider, task, row), oracle: oracles[`${provider} ${task}`] }];
}

function requests(task: Task, adapter: AnyAdapter, model: ModelCard) {
  const plain = simplest[task] ?? { prompt: "", params: {} };
  const forms = (givenMedia[task] ?? []).flatMap((more) => [
    { ...plain, params: { ...plain.params, ...more } },
    // Some routes read no prompt.
    { prompt: "", params: { ...plain.params, ...more } },
  ]);
  const isTaken = (asked: Asked) => adapter.check(asked, model).length === 0;
  const withMedia = task === "transcription" ? plain : forms.find(isTaken);
  const asked = isTaken(plain) ? plain : withMedia;
  return asked && { asked, withMedia };
}

function lacksOf(
  provider: string,
  task: Task,
  { adapter, withMedia }: Pick<ConformingTask, "adapter" | "withMedia">,
): ConformingTask["lacks"] {
  return {
    ...otherLacks[`${provider} ${task}`],
    ...(!withMedia && { in: "it reads words alone" }),
    ...(adapter.kind === "unary" && { job: "it answers at once", cancel: "it answers at once" }),
    ...(adapter.kind === "job" && !adapter.cancel && { cancel: "no document knows a way to stop it" }),
  };
}
