import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { type Clock, systemClock } from "../core/clock.ts";
import { serveLimits } from "../core/limits.ts";
import { alibabaWire } from "./alibaba/wire.ts";
import { anthropicWire } from "./anthropic/wire.ts";
import { assemblyaiWire } from "./assemblyai/wire.ts";
import { type Book, book } from "./book.ts";
import { bytedanceWire } from "./bytedance/wire.ts";
import { control, controlPath } from "./control.ts";
import { type FaultPlan, faultPlan } from "./faults/plan.ts";
import { googleWire } from "./google/wire.ts";
import { groqWire } from "./groq/wire.ts";
import { inworldWire } from "./inworld/wire.ts";
import { type Latency, type LatencyPlan, latencyPlan } from "./latency.ts";
import { type Files, files, filesPath } from "./media/files.ts";
import { type JobPaces, jobPaces } from "./media/jobs.ts";
import { serveFile } from "./media/serve-file.ts";
import { minimaxWire } from "./minimax/wire.ts";
import { openAiWire } from "./openai/wire.ts";
import { pixverseWire } from "./pixverse/wire.ts";
import { type ProviderName, type ProviderWire, providerNames, type WireContext } from "./provider.ts";
import { recraftWire } from "./recraft/wire.ts";
import { runwayWire } from "./runway/wire.ts";
import { viduWire } from "./vidu/wire.ts";
import { serveExchange } from "./wire/exchange.ts";
import { idSource } from "./wire/ids.ts";
import { workersAiWire } from "./workers-ai/wire.ts";
import { xaiWire } from "./xai/wire.ts";

const wires: Record<ProviderName, (context: WireContext) => ProviderWire> = {
  openai: openAiWire,
  anthropic: anthropicWire,
  google: googleWire,
  groq: groqWire,
  xai: xaiWire,
  alibaba: alibabaWire,
  bytedance: bytedanceWire,
  minimax: minimaxWire,
  "workers-ai": workersAiWire,
  assemblyai: assemblyaiWire,
  inworld: inworldWire,
  pixverse: pixverseWire,
  recraft: recraftWire,
  runway: runwayWire,
  vidu: viduWire,
};

export interface SimulatorOptions {
  /** All there are, when absent. */
  readonly providers?: readonly ProviderName[] | undefined;
  /** 0, the default, takes a free one. */
  readonly port?: number | undefined;
  /** Ids follow from it; two simulators with the same seed and requests answer the same bytes. */
  readonly seed?: number | undefined;
  /** Keys that are accepted besides the simulator's own. */
  readonly apiKeys?: Partial<Record<ProviderName, readonly string[]>> | undefined;
  readonly latency?: Partial<Latency> | undefined;
  readonly clock?: Clock | undefined;
}

export interface Simulator {
  /** `http://127.0.0.1:port`, which serves every provider below a path of its own. */
  readonly url: string;
  /** What a client's base URL is set to. */
  baseUrl(provider: ProviderName): string;
  /** A key that the provider accepts. It is not a secret and says so. */
  apiKey(provider: ProviderName): string;
  readonly faults: FaultPlan;
  readonly latency: LatencyPlan;
  readonly book: Book;
  /** What links were handed out to; they can be made to run out. */
  readonly files: Files;
  /** How fast jobs get on. */
  readonly jobs: JobPaces;
  /** Closes every connection at once and frees the port. */
  close(): Promise<void>;
}

/** Starts loopback servers that speak the providers' wire protocols, on one port of 127.0.0.1. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const clock = options.clock ?? systemClock;
  const faults = faultPlan();
  const latency = latencyPlan(options.latency);
  const account = book();
  let url = "";
  const ids = idSource(options.seed ?? 1);
  const origin = () => url;
  const stored = files(clock, ids, origin);
  const paces = jobPaces();
  const context: WireContext = { clock, ids, origin, files: stored, paces };
  const served = (options.providers ?? providerNames).map((name) => wires[name](context));
  const ownKey = (provider: ProviderName) => `simulated-${provider}-key-not-a-secret`;
  const keys = new Map(
    served.map(({ name }) => [name, new Set([ownKey(name), ...(options.apiKeys?.[name] ?? [])])] as const),
  );
  let sequence = 0;
  const nextSequence = () => ++sequence;
  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const wire = served.find(({ routePath }) => request.url?.startsWith(routePath));
    if (wire) {
      const accepts = (key: string) => keys.get(wire.name)?.has(key) === true;
      void serveExchange(request, response, { wire, accepts, faults, latency, book: account, context, nextSequence });
    } else if (request.url?.startsWith(controlPath)) {
      void control(request, response, { faults, latency, book: account, files: stored, jobs: paces });
    } else if (request.url?.startsWith(filesPath)) {
      serveFile(request, response, stored);
    } else {
      response.writeHead(404, { "content-type": "text/plain" }).end("no simulated provider is served at this path\n");
    }
  });
  // Streams may last as long as a test wants them to.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, "127.0.0.1", serveLimits.httpBacklog, resolve);
  });
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    baseUrl(provider) {
      const wire = served.find(({ name }) => name === provider);
      if (!wire) throw new RangeError(`this simulator was started without ${provider}`);
      return `${url}${wire.clientPath}`;
    },
    apiKey: ownKey,
    faults,
    latency,
    book: account,
    files: stored,
    jobs: paces,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
