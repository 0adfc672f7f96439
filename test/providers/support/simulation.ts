import { type Clock, systemClock } from "../../../src/core/clock.ts";
import type { ModelCard } from "../../../src/core/model-card.ts";
import type { Usage } from "../../../src/core/usage.ts";
import { AttemptFailure } from "../../../src/infer/attempts/failure.ts";
import { MayBeCharged } from "../../../src/infer/tasks/may-be-charged.ts";
import { BilledFailure, perform } from "../../../src/infer/tasks/perform.ts";
import { joinUsage } from "../../../src/providers/join.ts";
import { loadAdapter } from "../../../src/providers/registry.ts";
import type { MediaOutput } from "../../../src/providers/shapes/media.ts";
import type { Job, Succeeded, TaskAdapter } from "../../../src/providers/task-adapter.ts";
import { readBytes } from "../../../src/providers/wire/read.ts";
import { openWire } from "../../../src/providers/wire/wire.ts";
import type { ProviderName } from "../../../src/simulator/provider.ts";
import { type Simulator, startSimulator } from "../../../src/simulator/simulator.ts";

interface Asked {
  readonly prompt: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly provider_options?: Readonly<Record<string, unknown>> | undefined;
}

interface Performed<Result> extends Succeeded<Result> {
  /** What the provider's simulator charged for it. */
  readonly billed: Usage;
  /** Every state in which the job was said to run. */
  readonly jobs: readonly Job[];
}

type Task = "image" | "video" | "speech" | "transcription" | "music" | "embedding" | "rerank";

/** One provider's simulator, asked by the code that asks the provider itself. */
export interface Simulation {
  readonly simulator: Simulator;
  /** @throws AttemptFailure as the pipeline sees it. */
  perform<Result>(model: ModelCard, asked: Asked): Promise<Performed<Result>>;
  /** Gives a job up as soon as it is known, and says what was charged in all. */
  giveUp(model: ModelCard, asked: Asked): Promise<Usage>;
  /** Why a request failed, and what it cost all the same. */
  failure(
    model: ModelCard,
    asked: Asked,
  ): Promise<{ readonly failure: AttemptFailure["failure"]; readonly usage: Usage | undefined }>;
  bytes(media: MediaOutput): Promise<Uint8Array>;
  close(): Promise<void>;
}

export async function openSimulation(provider: ProviderName): Promise<Simulation> {
  const simulator = await startSimulator({ providers: [provider] });
  const wire = openWire();
  const adapter = await loadAdapter(provider);
  if (!adapter) throw new Error(`no adapter for ${provider}`);
  const credentials = { apiKey: simulator.apiKey(provider), baseUrl: baseUrlOf(provider, simulator) };

  /** Jobs get on by being asked about: nobody has to wait between two questions. */
  const clock: Clock = { ...systemClock, sleep: async (_ms, signal) => signal?.throwIfAborted() };

  async function billedSince(entry: number): Promise<Usage> {
    await simulator.book.idle();
    return joinUsage(simulator.book.entries.slice(entry).map(({ billed }) => billed));
  }

  async function run<Result>(model: ModelCard, asked: Asked, signal: AbortSignal, onJob: (job: Job) => void) {
    const found: unknown = adapter?.[model.task as Task];
    const task = (typeof found === "function" ? found(model) : found) as TaskAdapter<Asked, Result> | undefined;
    if (!adapter || !task) throw new Error(`nothing does ${model.id}`);
    return perform(task, asked, {
      adapter,
      wire,
      clock,
      card: model,
      credentials,
      signal,
      isOnceOnly: true,
      isClosing: () => false,
      mayBeCharged: new MayBeCharged(),
      // A job is written down between two questions: nothing but JSON survives that.
      onJob: (job) => onJob(JSON.parse(JSON.stringify(job)) as Job),
    });
  }

  return {
    simulator,
    async perform<Result>(model: ModelCard, asked: Asked) {
      const before = simulator.book.entries.length;
      const jobs: Job[] = [];
      const done = await run<Result>(model, asked, new AbortController().signal, (job) => jobs.push(job));
      return { ...done, billed: await billedSince(before), jobs };
    },
    async giveUp(model, asked) {
      const before = simulator.book.entries.length;
      const wanted = new AbortController();
      await run(model, asked, wanted.signal, () => wanted.abort()).then(
        () => {
          throw new Error("it was done all the same");
        },
        () => undefined,
      );
      return billedSince(before);
    },
    async failure(model, asked) {
      try {
        await run(model, asked, new AbortController().signal, () => undefined);
      } catch (error) {
        if (!(error instanceof AttemptFailure)) throw error;
        return { failure: error.failure, usage: error instanceof BilledFailure ? error.usage : undefined };
      }
      throw new Error("it succeeded");
    },
    async bytes({ source }) {
      if (source.kind === "bytes") return source.bytes;
      const request =
        source.needsKey && adapter.download
          ? adapter.download(source.url, credentials)
          : { method: "GET" as const, url: source.url, headers: {} };
      const response = await wire.send(request, { signal: new AbortController().signal });
      if (response.status !== 200) throw new Error(`the link answered ${response.status}`);
      return readBytes(response.body, 1e8);
    },
    async close() {
      await wire.close();
      await simulator.close();
    },
  };
}

/** Cloudflare's clients know the API's root, its adapter the account's own. */
function baseUrlOf(provider: ProviderName, simulator: Simulator): string {
  const root = simulator.baseUrl(provider);
  return provider === "workers-ai" ? `${root.replace(/\/accounts\/.*$/, "")}/accounts/a1/ai` : root;
}
