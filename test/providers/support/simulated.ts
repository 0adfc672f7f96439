import type { ModelCard } from "../../../src/core/model-card.ts";
import type { Adapter, Credentials, WireRequest } from "../../../src/providers/adapter.ts";
import { readFailure } from "../../../src/providers/answer.ts";
import type { ProviderFailure } from "../../../src/providers/shapes/event.ts";
import type { MediaOutput } from "../../../src/providers/shapes/media.ts";
import type { WireAnswer } from "../../../src/providers/shapes/wire.ts";
import type { Failed, Outcome, Succeeded, TaskAdapter } from "../../../src/providers/task-adapter.ts";
import { readBytes } from "../../../src/providers/wire/read.ts";
import { openWire } from "../../../src/providers/wire/wire.ts";
import type { ProviderName } from "../../../src/simulator/provider.ts";
import { type Simulator, startSimulator } from "../../../src/simulator/simulator.ts";

/** What a provider, or its connection, said in place of an answer. */
export class Broken extends Error {
  readonly failure: ProviderFailure;

  constructor(failure: ProviderFailure) {
    super(`${failure.kind}: ${failure.message}`);
    this.failure = failure;
  }
}

/** One adapter and the simulator of its provider, over loopback. */
export interface Simulated {
  readonly simulator: Simulator;
  readonly credentials: Credentials;
  exchange(request: WireRequest): Promise<WireAnswer>;
  /** A task from its uploads to its end. @throws Broken */
  perform<Request, Result>(
    task: TaskAdapter<Request, Result>,
    request: Request,
    model: ModelCard,
  ): Promise<Succeeded<Result>>;
  bytesOf(media: MediaOutput): Promise<Uint8Array>;
  /** What the simulator billed in all. */
  billed(): Promise<object>;
  close(): Promise<void>;
}

const pollsMax = 100;

export async function simulated(provider: ProviderName, adapter: Adapter): Promise<Simulated> {
  const simulator = await startSimulator();
  const wire = openWire();
  const credentials = { apiKey: simulator.apiKey(provider), baseUrl: simulator.baseUrl(provider) };

  const exchange = async (request: WireRequest): Promise<WireAnswer> => {
    const response = await wire.send(request, { signal: new AbortController().signal });
    if (response.status > 299) throw new Broken(await readFailure(adapter, response));
    return { status: response.status, headers: response.headers, body: await readBytes(response.body, 1e8) };
  };

  return {
    simulator,
    credentials,
    exchange,
    async perform(task, request, model) {
      let ready = request;
      for (const upload of task.uploads?.(request, model) ?? []) {
        const uploaded = upload.uploaded(await exchange(upload.request(credentials)), ready);
        if (isFailed(uploaded)) throw new Broken(uploaded.failure);
        ready = uploaded;
      }
      if (task.kind === "unary") {
        return succeeded(task.decode(await exchange(task.request(ready, model, credentials)), ready, model));
      }
      let state = task.submitted(await exchange(task.submit(ready, model, credentials)), ready, model);
      for (let polls = 0; state.state === "running" && polls < pollsMax; polls++) {
        const job = JSON.parse(JSON.stringify(state.job)) as typeof state.job;
        state = task.polled(await exchange(task.poll(job, model, credentials)), job, model);
      }
      if (state.state === "succeeded") return state;
      if (state.state === "failed") throw new Broken(state.failure);
      if (state.state !== "ready" || !task.fetch || !task.fetched) throw new Error(`the job is ${state.state}`);
      return succeeded(task.fetched(await exchange(task.fetch(state.job, model, credentials)), state.job, model));
    },
    async bytesOf({ source }) {
      return source.kind === "bytes"
        ? source.bytes
        : (await exchange({ method: "GET", url: source.url, headers: {} })).body;
    },
    async billed() {
      await simulator.book.idle();
      return simulator.book.totals(provider).billed;
    },
    async close() {
      await wire.close();
      await simulator.close();
    },
  };
}

function isFailed<T>(value: T | Pick<Failed, "failure">): value is Pick<Failed, "failure"> {
  return typeof value === "object" && value !== null && "failure" in value;
}

function succeeded<Result>(outcome: Outcome<Result>): Succeeded<Result> {
  if (isFailed(outcome)) throw new Broken(outcome.failure);
  return outcome as Succeeded<Result>;
}
