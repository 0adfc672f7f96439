import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { shippedRows } from "../../src/catalog/shipped.ts";
import type { ModelCard } from "../../src/core/model-card.ts";
import type { Adapter, Credentials, WireRequest } from "../../src/providers/adapter.ts";
import { readFailure } from "../../src/providers/answer.ts";
import { loadAdapter } from "../../src/providers/registry.ts";
import type { ProviderFailure } from "../../src/providers/shapes/event.ts";
import type { MediaOutput } from "../../src/providers/shapes/media.ts";
import type { WireAnswer } from "../../src/providers/shapes/wire.ts";
import type { Failed, Outcome, Succeeded, TaskAdapter } from "../../src/providers/task-adapter.ts";
import { readBytes } from "../../src/providers/wire/read.ts";
import { openWire, type Wire } from "../../src/providers/wire/wire.ts";
import type { ProviderName } from "../../src/simulator/provider.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { png, wav } from "./support/media.ts";

/** Every adapter for media against the simulator of its provider, over HTTP: what it asks is taken, what it gets is read. */
let simulator: Simulator;
let wire: Wire;
beforeAll(async () => {
  simulator = await startSimulator();
  wire = openWire();
});
afterAll(async () => {
  await wire.close();
  await simulator.close();
});

const catalog = openCatalog(await shippedRows(), "2026-11-22");
const tasks = ["image", "video", "speech", "transcription", "music"] as const;
type MediaTask = (typeof tasks)[number];
type Asked = { readonly prompt: string; readonly params: Readonly<Record<string, unknown>> };
type AnyAdapter = TaskAdapter<Asked, Record<string, unknown>>;

const still = { data: png.toString("base64") };
const params: Readonly<Record<MediaTask, Readonly<Record<string, unknown>>>> = {
  image: { n: 2, images: [still], seed: 7, aspect_ratio: "1:1", quality: "low", size: "1K" },
  video: { duration_s: 6, resolution: "768p", aspect_ratio: "16:9", first_frame: still, seed: 7 },
  speech: { format: "wav", speed: 1.2, language: "en", instructions: "Say warmly" },
  transcription: {
    audio: { data: wav(2).toString("base64") },
    timestamps: "word",
    language: "en",
    hints: ["Oslo"],
    diarize: true,
  },
  music: { lyrics: "[Verse] la la", format: "mp3" },
};

/** What is left of a request when everything a model refuses is taken out; twice, since fields depend on each other. */
function fitted(adapter: AnyAdapter, model: ModelCard, asked: Asked): Asked {
  let left = asked;
  for (let round = 0; round < 3; round++) {
    const refused = adapter.check(left, model).map(({ field }) => field.replace(/^params\./, "").replace(/\[.*/, ""));
    left = {
      ...left,
      params: Object.fromEntries(Object.entries(left.params).filter(([name]) => !refused.includes(name))),
    };
  }
  return left;
}

/** Cloudflare's clients know the API's root, its adapter the account's own. */
function baseUrlOf(provider: ProviderName): string {
  const root = simulator.baseUrl(provider);
  return provider === "workers-ai" ? `${root.replace(/\/accounts\/.*$/, "")}/accounts/a1/ai` : root;
}

/** What is measured in a file is as exact as its frames. */
const mp3FrameSeconds = 0.03;

/** What the simulators do not play: nothing but their documents says how these are spoken to. */
const unplayed = /^google\/lyria-/;
const played = ({ id, status }: ModelCard) => status !== "ended" && !unplayed.test(id);

class Broken extends Error {
  readonly failure: ProviderFailure;
  constructor(failure: ProviderFailure) {
    super(`${failure.kind}: ${failure.message}`);
    this.failure = failure;
  }
}

async function exchange(adapter: Adapter, request: WireRequest): Promise<WireAnswer> {
  const response = await wire.send(request, { signal: new AbortController().signal });
  if (response.status > 299) throw new Broken(await readFailure(adapter, response));
  return { status: response.status, headers: response.headers, body: await readBytes(response.body, 1e8) };
}

function succeeded<Result>(outcome: Outcome<Result> | Failed): Succeeded<Result> {
  if ("failure" in outcome) throw new Broken(outcome.failure);
  return outcome;
}

async function perform(adapter: Adapter, task: AnyAdapter, given: Asked, model: ModelCard, credentials: Credentials) {
  let asked = given;
  for (const upload of task.uploads?.(given, model) ?? []) {
    const uploaded = upload.uploaded(await exchange(adapter, upload.request(credentials)), asked);
    if ("failure" in uploaded) throw new Broken(uploaded.failure);
    asked = uploaded;
  }
  if (task.kind === "unary") {
    const parts = task.split?.(asked, model) ?? [asked];
    return Promise.all(
      parts.map(async (part) =>
        succeeded(task.decode(await exchange(adapter, task.request(part, model, credentials)), part, model)),
      ),
    );
  }
  let state = task.submitted(await exchange(adapter, task.submit(asked, model, credentials)), asked, model);
  for (let polls = 0; state.state === "running" && polls < 500; polls++) {
    const job = JSON.parse(JSON.stringify(state.job)) as typeof state.job;
    state = task.polled(await exchange(adapter, task.poll(job, model, credentials)), job, model);
  }
  if (state.state === "succeeded") return [state];
  if (state.state === "failed") throw new Broken(state.failure);
  if (state.state !== "ready" || !task.fetch || !task.fetched) throw new Error(`the job is ${state.state}`);
  return [
    succeeded(task.fetched(await exchange(adapter, task.fetch(state.job, model, credentials)), state.job, model)),
  ];
}

async function bytesOf(adapter: Adapter, media: MediaOutput, credentials: Credentials): Promise<Uint8Array> {
  const { source } = media;
  if (source.kind === "bytes") return source.bytes;
  const request: WireRequest =
    source.needsKey && adapter.download
      ? adapter.download(source.url, credentials)
      : { method: "GET", url: source.url, headers: {} };
  return (await exchange(adapter, request)).body;
}

function mediaOf(task: MediaTask, { result }: Succeeded<Record<string, unknown>>): MediaOutput[] {
  if (task === "transcription") return [];
  return [result.images ?? result.videos ?? result.audio].flat() as MediaOutput[];
}

const providers: readonly ProviderName[] = [
  "openai",
  "google",
  "groq",
  "xai",
  "alibaba",
  "bytedance",
  "runway",
  "vidu",
  "minimax",
  "workers-ai",
  "assemblyai",
  "inworld",
  "recraft",
  "pixverse",
];
const cases = providers.flatMap((provider) => tasks.map((task) => [provider, task] as const));

describe.each(cases)("%s %s simulated", (provider, task) => {
  const models = catalog.search({ provider, task }).filter(played);

  test.runIf(models.length > 0)("takes what the adapter lets through, and its answer is read", async () => {
    const adapter = await loadAdapter(provider);
    if (!adapter) throw new Error("no adapter");
    const credentials = { apiKey: simulator.apiKey(provider), baseUrl: baseUrlOf(provider) };
    const broken: string[] = [];
    for (const model of models) {
      const doing = adapter[task]?.(model) as AnyAdapter | undefined;
      if (!doing) continue;
      const prompt = task === "transcription" ? "" : "Hello there.";
      const rich = fitted(doing, model, { prompt, params: params[task] });
      const plain = { prompt, params: task === "transcription" ? { audio: params.transcription.audio } : {} };
      for (const asked of [rich, plain]) {
        if (doing.check(asked, model).length > 0) continue;
        try {
          const done = await perform(adapter, doing, asked, model, credentials);
          for (const part of done) {
            if (task === "transcription") expect(part.result.text).not.toBe("");
            else expect(mediaOf(task, part).length).toBeGreaterThan(0);
            for (const media of mediaOf(task, part)) {
              expect((await bytesOf(adapter, media, credentials)).byteLength).toBeGreaterThan(8);
            }
          }
          await simulator.book.idle();
          const billed = simulator.book.entries.at(-1)?.billed ?? {};
          for (const [unit, amount] of Object.entries(billed)) {
            // Where tokens are billed, time is not.
            if (unit === "seconds" && "outputTokens" in billed) continue;
            const counted = done.at(-1)?.usage[unit as "images"] ?? 0;
            if (Math.abs(Number(counted) - Number(amount)) > (unit === "seconds" ? mp3FrameSeconds : 0)) {
              broken.push(`${model.id} ${Object.keys(asked.params)}: ${unit} ${counted}, billed ${amount}`);
            }
          }
        } catch (error) {
          if (!(error instanceof Broken)) throw error;
          broken.push(`${model.id} ${Object.keys(asked.params)}: ${error.message}`);
        }
      }
    }
    expect(broken).toEqual([]);
  });
});
