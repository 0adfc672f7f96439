import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { costOf } from "../../src/catalog/cost.ts";
import { shippedRows } from "../../src/catalog/shipped.ts";
import { settingsSchema } from "../../src/config/settings.ts";
import { localCaller } from "../../src/core/caller.ts";
import { creditLimits, inferLimits } from "../../src/core/limits.ts";
import { parseUsd } from "../../src/core/money.ts";
import type { Usage } from "../../src/core/usage.ts";
import { auditLedger } from "../../src/credits/audit.ts";
import type { Gateway } from "../../src/gateway.ts";
import type { InferArgs } from "../../src/infer/request.ts";
import type { AttemptRecord, InferResult } from "../../src/infer/result.ts";
import { openGateway } from "../../src/open-gateway.ts";
import { type Simulator, startSimulator } from "../../src/simulator/simulator.ts";
import { seededRng } from "../support/hand-clock.ts";
import { query } from "../support/ledger-file.ts";
import { startWorker, type Worker } from "../support/processes.ts";
import { type FastClock, fastClock } from "./support/fast-clock.ts";
import { models } from "./support/pipeline.ts";
import { jobStages, type ProcessOptions, type Stage, textStages } from "./support/stages.ts";

/** `SWITCHYARD_FAULT_SEEDS=200` kills as many processes at random moments. */
const seeds = Math.max(1, Math.floor(Number(process.env.SWITCHYARD_FAULT_SEEDS ?? 4)));
const video = "xai/grok-imagine-video";
const script = new URL("support/pipeline-process.ts", import.meta.url);
const catalog = openCatalog(await shippedRows());

interface Scene {
  readonly simulator: Simulator;
  readonly home: string;
  start(options: Pick<ProcessOptions, "calls"> & Partial<ProcessOptions>): Worker;
  /** A gateway of another process over the same data, by a clock that is ahead of the first one's. */
  survivor(): Promise<{ gateway: Gateway; clock: FastClock }>;
}

async function openScene(): Promise<Scene> {
  const simulator = await startSimulator();
  const home = await mkdtemp(join(tmpdir(), "switchyard-killed-"));
  onTestFinished(async () => {
    await simulator.close();
    await rm(home, { recursive: true, force: true, maxRetries: 3 });
  });
  const names = ["openai", "anthropic", "google", "xai"] as const;
  const settings = {
    providers: Object.fromEntries(
      names.map((name) => [name, { key: simulator.apiKey(name), base_url: simulator.baseUrl(name) }]),
    ),
  };
  return {
    simulator,
    home,
    start(options) {
      const worker = startWorker(script, { home, settings, atOnce: 1, ...options });
      onTestFinished(() => worker.kill());
      return worker;
    },
    async survivor() {
      const clock = fastClock();
      const parsed = settingsSchema.parse(settings);
      const gateway = await openGateway({
        dataDirectory: home,
        settings: parsed,
        tools: [],
        environment: () => undefined,
        clock,
      });
      onTestFinished(() => gateway.close());
      return { gateway, clock };
    },
  };
}

/** Kills the worker when it says that it has come so far; answers the ids of its calls. */
async function killAt(worker: Worker, stage: Stage, { book }: Simulator): Promise<string[]> {
  await worker.until((line) => (line as { stage?: Stage }).stage === stage);
  if (stage === "sent") await expect.poll(() => book.entries.length).toBe(1);
  await worker.kill();
  return worker.lines.flatMap((line) => (line as { id?: string }).id ?? []);
}

/** Ends what was left, as the processes that live on do by themselves in time. */
async function recovered(gateway: Gateway, clock: FastClock): Promise<void> {
  clock.advance(creditLimits.ownerLostMs + creditLimits.holdLeaseMs);
  await gateway.credits.recover();
}

const costOfUsage = (model: string | null, usage: Usage) =>
  Object.keys(usage).length === 0 ? 0n : (costOf(catalog.resolve(`${providerOf(model)}/${model}`), usage) ?? 0n);

function providerOf(model: string | null): string {
  if (model?.startsWith("gpt")) return "openai";
  if (model?.startsWith("claude")) return "anthropic";
  return model?.startsWith("gemini") ? "google" : "xai";
}

/** What the providers' own books charge. */
function booked(simulator: Simulator): bigint {
  return simulator.book.entries.reduce((all, { model, billed }) => all + costOfUsage(model, billed), 0n);
}

/** No money is held, everything adds up, and the providers' books say what was settled or what is flagged. */
async function expectReconciled({ simulator, home }: Scene, gateway: Gateway, clock: FastClock): Promise<bigint> {
  await simulator.book.idle();
  const { held, spent } = await gateway.credits.balance(localCaller);
  expect(held).toBe(0n);
  expect(auditLedger(join(home, "ledger.db"), clock).problems).toEqual([]);
  const flagged = await gateway.credits.admin.unreconciled();
  if (flagged.length === 0) expect(spent).toBe(booked(simulator));
  return spent;
}

const prompt = "say 60 words";

describe("a call whose process is killed", () => {
  it.each(textStages)("while it is %s is answered or ended by another, and paid once or flagged", async (stage) => {
    const scene = await openScene();
    const { simulator } = scene;
    simulator.latency.set({ chunkMs: stage === "streaming" ? 20 : 0 });
    const [id = ""] = await killAt(
      scene.start({ calls: [{ model: models.openai, prompt }], stopAt: stage }),
      stage,
      simulator,
    );
    const { gateway, clock } = await scene.survivor();
    clock.advance(2 * inferLimits.runnerLeaseMs);
    const result = await ended(gateway, id);
    await recovered(gateway, clock);
    const spent = await expectReconciled(scene, gateway, clock);
    const isWhole = stage === "answered" || stage === "settled";
    const flagged = await gateway.credits.admin.unreconciled();
    expect(flagged).toHaveLength(isWhole ? 0 : 1);
    if (isWhole) {
      // The answer had been paid for, and was written down: it is not lost.
      expect(result).toMatchObject({ status: "succeeded", finish_reason: "stop" });
      expect(result.output.text?.split(" ")).toHaveLength(62);
      expect(parseUsd(result.cost.total)).toBe(spent);
    } else {
      expect(result).toMatchObject({ status: "failed", error: { code: "unavailable", retryable: true } });
      if (stage === "streaming") expect(result.output.text?.length).toBeGreaterThan(0);
      // What is not known is charged too much, not too little.
      expect(spent).toBeGreaterThanOrEqual(booked(simulator));
    }
    expect(simulator.book.entries.length).toBe(stage === "reserved" ? 0 : 1);
  });

  it.each(jobStages)(
    "while its job is %s is finished by another where it can be, and paid once or flagged",
    async (stage) => {
      const scene = await openScene();
      const { simulator } = scene;
      const call: Partial<InferArgs> = { model: video, prompt: "a train", params: { duration_s: 2 } };
      const [id = ""] = await killAt(scene.start({ calls: [call], stopAt: stage }), stage, simulator);
      const { gateway, clock } = await scene.survivor();
      clock.advance(600_000);
      // The survivor's own sweep takes over what can be gone on with.
      const result = await ended(gateway, id);
      await recovered(gateway, clock);
      const spent = await expectReconciled(scene, gateway, clock);
      const submissions = simulator.book.entries.filter(({ method }) => method === "POST").length;
      if (stage === "reserved" || stage === "sent") {
        expect(result.status).toBe("failed");
        expect(await gateway.credits.admin.unreconciled()).toHaveLength(1);
        expect(submissions).toBe(stage === "sent" ? 1 : 0);
        return;
      }
      expect(result).toMatchObject({
        status: "succeeded",
        model: video,
        output: { video: [{ media_type: "video/mp4" }] },
      });
      expect(submissions).toBe(1);
      expect(await gateway.credits.admin.unreconciled()).toEqual([]);
      expect(parseUsd(result.cost.total)).toBe(spent);
      expect(spent).toBeGreaterThan(0n);
    },
  );

  it("with a job leaves it to one of several that live, which pays once", async () => {
    const scene = await openScene();
    const [id = ""] = await killAt(
      scene.start({ calls: [{ model: video, prompt: "a train", params: { duration_s: 2 } }], stopAt: "polling" }),
      "polling",
      scene.simulator,
    );
    const survivors = await Promise.all([scene.survivor(), scene.survivor(), scene.survivor()]);
    for (const { clock } of survivors) clock.advance(600_000);
    const results = await Promise.all(survivors.map(({ gateway }) => ended(gateway, id)));
    for (const result of results) expect(result).toMatchObject({ status: "succeeded", cost: results[0]?.cost });
    const [{ gateway, clock }] = survivors;
    await recovered(gateway, clock);
    expect(parseUsd(results[0]?.cost.total ?? "")).toBe(await expectReconciled(scene, gateway, clock));
    const asked = simulatorPolls(scene.simulator);
    // One winner: the others only watched.
    expect(asked).toBeLessThanOrEqual(6);
  });
});

function simulatorPolls({ book }: Simulator): number {
  return book.entries.filter(({ method, path }) => method === "GET" && path.includes("/videos/")).length;
}

/** The result of a generation that some process will end. */
async function ended(gateway: Gateway, id: string): Promise<InferResult> {
  return await gateway.infer.find(id, localCaller).done;
}

interface Done {
  readonly done: string;
  readonly cost: string;
  readonly attempts: readonly AttemptRecord[];
}

describe("a process that is killed at a random moment of many calls", () => {
  it.each(Array.from({ length: seeds }, (_, at) => at + 1))(
    "loses no payment and no acknowledged answer with seed %i",
    async (seed) => {
      const rng = seededRng(seed);
      const scene = await openScene();
      const { simulator, home } = scene;
      simulator.latency.set({ chunkMs: 1 });
      simulator.faults.chance(
        [
          { fault: { kind: "overloaded" }, probability: 0.05 },
          { fault: { kind: "cut_mid_stream", afterEvents: 5 }, probability: 0.05 },
          { fault: { kind: "error_event", afterEvents: 1 }, probability: 0.05 },
          { fault: { kind: "rate_limited", retry: "milliseconds", afterMs: 200 }, probability: 0.05 },
        ],
        seed,
      );
      const texts = Object.values(models);
      const pick = <T>(list: readonly T[]): T => list[Math.floor(rng.fraction() * list.length)] as T;
      const calls = Array.from(
        { length: 40 },
        (): Partial<InferArgs> =>
          rng.fraction() < 0.15
            ? { model: video, prompt: "a train", params: { duration_s: 1 } }
            : { model: pick(texts), fallbacks: [pick(texts)], prompt: `say ${Math.ceil(rng.fraction() * 80)} words` },
      );
      const worker = scene.start({ calls, atOnce: 4 });
      // After so many acknowledged answers, and a moment more.
      const [after, laterMs] = [Math.floor(rng.fraction() * 12), rng.fraction() * 40];
      const isDone = (line: unknown) => "done" in (line as object);
      await worker.until(() => worker.lines.filter(isDone).length >= after && worker.lines.length > 0);
      await new Promise((resolve) => setTimeout(resolve, laterMs));
      await worker.kill();

      const { gateway, clock } = await scene.survivor();
      clock.advance(3_600_000);
      const ids = worker.lines.flatMap((line) => (line as { id?: string }).id ?? []);
      const results = await Promise.all(ids.map((id) => ended(gateway, id)));
      await recovered(gateway, clock);
      await expectReconciled(scene, gateway, clock);
      const context = JSON.stringify({ seed, after, laterMs, results });

      // Every answer that was handed out was settled with what it said, and is still there.
      for (const { done, cost, attempts } of worker.lines.filter(isDone) as Done[]) {
        const result = results.find(({ id }) => id === done);
        expect(result?.cost.total, context).toBe(cost);
        const [hold] = query(join(home, "ledger.db"), "SELECT actual, state FROM hold WHERE idem LIKE ?", `%${done}`);
        expect((hold as { actual?: bigint } | undefined)?.actual ?? 0n, context).toBe(parseUsd(cost));
        expect(attempts.length, context).toBeGreaterThan(0);
      }
      // What the providers charge was settled to the nano-dollar, or is on the list, whose calls are charged enough.
      const flagged = await gateway.credits.admin.unreconciled();
      const { spent } = await gateway.credits.balance(localCaller);
      const ofFlagged = flagged.reduce((all, { charged }) => all + charged, 0n);
      const book = booked(simulator);
      expect(spent - ofFlagged, context).toBeLessThanOrEqual(book);
      if (flagged.length === 0) expect(spent, context).toBe(book);
    },
    120_000,
  );
});
