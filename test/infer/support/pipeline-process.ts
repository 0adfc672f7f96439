/**
 * The pipeline in a process of its own, to be killed: makes calls, says what it does as JSON lines, and stops for good at
 * the stage that it is told to.
 */
import { join } from "node:path";
import { openCatalog } from "../../../src/catalog/catalog.ts";
import { shippedRows } from "../../../src/catalog/shipped.ts";
import { settingsSchema } from "../../../src/config/settings.ts";
import { localCaller } from "../../../src/core/caller.ts";
import { systemRng } from "../../../src/core/clock.ts";
import { parseUsd } from "../../../src/core/money.ts";
import { openLedger } from "../../../src/credits/ledger.ts";
import { Health } from "../../../src/infer/attempts/health.ts";
import { RetryBudgets } from "../../../src/infer/attempts/retry-budget.ts";
import { openAnswerCache } from "../../../src/infer/cache/answer-cache.ts";
import type { GenerationEvent } from "../../../src/infer/generation.ts";
import { openGenerationStore } from "../../../src/infer/generation-store.ts";
import { openInfer } from "../../../src/infer/infer.ts";
import { RateGate } from "../../../src/infer/rates/rate-gate.ts";
import { inferArgs } from "../../../src/infer/request.ts";
import { openResolver } from "../../../src/infer/resolve.ts";
import { providerAccess } from "../../../src/infer-settings.ts";
import { openWire } from "../../../src/providers/wire/wire.ts";
import { openBlobs } from "../../../src/store/blobs.ts";
import { fastClock } from "./fast-clock.ts";
import type { ProcessOptions, Stage } from "./stages.ts";

function say(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function main({ home, settings: given, calls, atOnce, stopAt }: ProcessOptions): Promise<void> {
  const settings = settingsSchema.parse(given);
  const [clock, rng] = [fastClock(), systemRng];
  const reach = (stage: Stage): Promise<void> => {
    if (stage !== stopAt) return Promise.resolve();
    say({ stage });
    return new Promise(() => undefined);
  };
  const catalog = openCatalog(await shippedRows());
  const resolver = openResolver({ catalog, environment: () => undefined, providers: providerAccess(settings) });
  const ledger = openLedger({
    path: join(home, "ledger.db"),
    clock,
    rng,
    initialGrant: parseUsd(settings.initial_grant),
  });
  const wire = openWire();
  const store = openGenerationStore({ path: join(home, "generations.db"), clock, rng });
  const blobs = openBlobs(join(home, "blobs"));
  let polls = 0;
  let hasJob = false;
  const ids: string[] = [];
  /** Resolves when the end of the answer is on the disk. */
  const written = async () => {
    const isEnd = ({ event }: GenerationEvent) => event.type === "finish" || event.type === "attempt";
    while (!ids.some((id) => store.events(id, 0, 10_000).some(isEnd))) await clock.sleep(5);
  };
  const infer = openInfer({
    resolver,
    store: {
      ...store,
      async saveJob(id, job) {
        hasJob = true;
        await store.saveJob(id, job);
        if (stopAt === "submitted") say({ stage: "submitted" });
      },
    },
    routes: [],
    blobs: {
      ...blobs,
      async put(workspace, bytes) {
        const handle = await blobs.put(workspace, bytes);
        await reach("fetched");
        return handle;
      },
    },
    sources: {
      blob: (caller, handle) => blobs.get(caller.workspace, handle),
      artifact: async () => new Uint8Array(),
      isLocal: () => false,
      fetch: async () => ({ bytes: new Uint8Array() }),
    },
    ledger: {
      ...ledger,
      async reserve(request) {
        const hold = await ledger.reserve(request);
        await reach("reserved");
        return hold;
      },
      async settle(hold, settlement) {
        if (stopAt === "answered" || (hasJob && stopAt === "settled")) await written();
        await reach("answered");
        const settled = await ledger.settle(hold, settlement);
        // In the very moment in which it is paid, before anything else is written.
        if (stopAt === "settled" && !hasJob) {
          say({ stage: "settled" });
          process.kill(process.pid, "SIGKILL");
        }
        await reach("settled");
        return settled;
      },
    },
    wire: {
      ...wire,
      async send(request, options) {
        const sent = wire.send(request, options);
        if (request.method === "GET") {
          polls += 1;
          if (polls === 2) await reach("polling");
        } else if (stopAt === "sent") {
          await reach("sent");
        }
        return sent;
      },
    },
    health: new Health(clock),
    retries: new RetryBudgets(clock),
    rates: new RateGate([], clock),
    cache: openAnswerCache({ path: join(home, "cache.db"), clock, rng }),
    clock,
    rng,
  });

  const waiting = [...calls];
  const next = async () => {
    for (let args = waiting.shift(); args; args = waiting.shift()) {
      const generation = await infer.start(inferArgs.parse(args), localCaller);
      ids.push(generation.id);
      say({ id: generation.id });
      void follow(generation.id);
      const { status, cost, attempts } = await generation.done;
      say({ done: generation.id, status, cost: cost.total, attempts });
    }
  };
  const follow = async (id: string) => {
    let pieces = 0;
    for await (const { event } of infer.find(id, localCaller).read()) {
      if (event.type === "text") pieces += 1;
      if (pieces === 4 && stopAt === "streaming") say({ stage: "streaming" });
    }
  };
  await Promise.all(Array.from({ length: atOnce }, next));
  say({ end: true });
  await infer.close();
  await wire.close();
  await ledger.close();
}

await main(JSON.parse(process.argv[2] ?? "{}") as ProcessOptions);
