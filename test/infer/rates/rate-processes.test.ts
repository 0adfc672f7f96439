import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { startSimulator } from "../../../src/simulator/simulator.ts";
import { temporaryDirectory } from "../../support/ledger.ts";
import { startWorker, type Worker } from "../../support/processes.ts";
import { models } from "../support/pipeline.ts";
import type { RatedOptions } from "../support/rated-process.ts";
import type { TakingOptions } from "../support/taking-process.ts";
import { toldClock } from "../support/told-clock.ts";

const script = new URL("../support/rated-process.ts", import.meta.url);
const takingScript = new URL("../support/taking-process.ts", import.meta.url);
const minuteMs = 60_000;

interface Line {
  readonly ready?: true;
  readonly status?: string;
  readonly log?: string;
  readonly quietAtMs?: number;
}

const linesOf = ({ lines }: Worker) => lines as readonly Line[];
const answersOf = (worker: Worker) => linesOf(worker).filter(({ status }) => status === "succeeded").length;
const logOf = (workers: readonly Worker[]) => workers.flatMap(linesOf).flatMap(({ log }) => log ?? []);

describe("processes over one data directory", () => {
  it("send no more than the limit together, and all get their turn, though one of them is killed", async () => {
    const perMinute = 6;
    const calls = 9;
    const clock = toldClock();
    const simulator = await startSimulator({ clock });
    onTestFinished(() => simulator.close());
    const home = await temporaryDirectory();
    const options: RatedOptions = {
      home,
      model: models.openai,
      calls,
      settings: {
        initial_grant: "1000",
        providers: { openai: { key: simulator.apiKey("openai"), base_url: simulator.baseUrl("openai") } },
        rate_limits: [{ provider: "openai", requests_per_minute: perMinute }],
      },
    };
    const workers = [1, 2, 3].map(() => startWorker(script, options));
    onTestFinished(async () => {
      await Promise.all(workers.map((worker) => worker.kill()));
    });
    await Promise.all(workers.map((worker) => worker.until((line) => (line as Line).ready === true)));

    const [doomed, ...others] = workers as [Worker, ...Worker[]];
    let alive = workers;
    let nowMs = 0;
    const tell = async () => {
      clock.tell(nowMs);
      for (const worker of alive) worker.send({ atMs: nowMs });
      const isQuiet = (line: unknown) => (line as Line).quietAtMs === nowMs;
      await Promise.all(alive.map((worker) => worker.until(isQuiet)));
    };
    const until = async (endMs: number) => {
      for (; nowMs < endMs; nowMs += 1_000) await tell();
    };

    await until(30_000);
    expect(logOf(workers)).toEqual([]);
    const before = workers.map(answersOf);
    expect(before.reduce((sum, answers) => sum + answers, 0)).toBe(perMinute);
    await until(70_000);
    // Each had something of the second minute.
    for (const [at, worker] of workers.entries()) expect(answersOf(worker)).toBeGreaterThan(before[at] ?? 0);
    await doomed.kill();
    alive = others;
    await until(5 * 62_000);
    expect(others.map(answersOf)).toEqual([calls, calls]);

    expect(logOf(workers)).toEqual([]);
    const { entries } = simulator.book;
    expect(entries).toHaveLength(workers.reduce((sum, worker) => sum + answersOf(worker), 0));
    for (const { startedAtMs } of entries) {
      const within = entries.filter(
        (one) => one.startedAtMs >= startedAtMs && one.startedAtMs < startedAtMs + minuteMs,
      );
      expect(within.length).toBeLessThanOrEqual(perMinute);
    }
    for (const worker of others) worker.send({ end: true });
    expect(await Promise.all(others.map(({ ended }) => ended))).toEqual([0, 0]);
  });

  it("take at the same moment no more than there is", async () => {
    const options: TakingOptions = { path: join(await temporaryDirectory(), "rates.db"), perMinute: 300, asks: 200 };
    const workers = [1, 2, 3].map(() => startWorker(takingScript, options));
    onTestFinished(async () => {
      await Promise.all(workers.map((worker) => worker.kill()));
    });
    await Promise.all(workers.map((worker) => worker.until((line) => (line as { ready?: true }).ready === true)));
    for (const worker of workers) worker.send({});
    const ends = await Promise.all(workers.map((worker) => worker.until((line) => "taken" in (line as object))));
    expect((ends as { log: string[] }[]).flatMap(({ log }) => log)).toEqual([]);
    expect((ends as { taken: number }[]).reduce((sum, { taken }) => sum + taken, 0)).toBe(300);
  });
});
