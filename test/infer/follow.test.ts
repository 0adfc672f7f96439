import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { openCatalog } from "../../src/catalog/catalog.ts";
import { type Clock, systemClock, systemRng } from "../../src/core/clock.ts";
import { inferLimits } from "../../src/core/limits.ts";
import { followGeneration } from "../../src/infer/follow.ts";
import type { GenerationEvent } from "../../src/infer/generation.ts";
import { openGenerationStore } from "../../src/infer/generation-store.ts";
import type { RemoteRun } from "../../src/infer/handover.ts";
import { openResolver } from "../../src/infer/resolve.ts";
import { temporaryDirectory } from "../support/ledger.ts";

const { followPollMsMin: least, followPollMs: most, followToldPollMs: told } = inferLimits;
const resolver = openResolver({ catalog: openCatalog([]), environment: () => undefined, providers: {} });
const owner = { workspace: "default", key: "" };
const event = (seq: number): GenerationEvent => ({ seq, event: { type: "text", text: `${seq} ` } });

/** A generation that runs elsewhere, followed by a clock whose waits the test ends. */
async function followed(isRunHere: boolean) {
  const path = join(await temporaryDirectory(), "generations.db");
  const runner = openGenerationStore({ path, clock: systemClock, rng: systemRng });
  const store = openGenerationStore({ path, clock: systemClock, rng: systemRng });
  const over = new AbortController();
  onTestFinished(async () => {
    over.abort();
    await Promise.all([runner.close(), store.close()]);
  });
  const asks = { id: "gen_1", owner, idempotencyKey: undefined, requestHash: "h", model: "openai/m" };
  await runner.begin(asks);
  const stored = store.look("gen_1");
  if (!stored) throw new Error("the generation was not begun");
  const waits: { readonly ms: number; readonly end: () => void }[] = [];
  const clock: Clock = {
    ...systemClock,
    sleep: (ms) => new Promise((end) => waits.push({ ms, end })),
  };
  let tell: (events: readonly GenerationEvent[]) => void = () => undefined;
  let cancels = 0;
  const run: RemoteRun = {
    listen: (listener) => {
      tell = listener;
    },
    cancel: () => {
      cancels += 1;
    },
  };
  const options = { resolver, takeOverJobs: async () => undefined, run: isRunHere ? run : undefined };
  const generation = followGeneration(stored, store, clock, options, over.signal);
  let waited = 0;
  return {
    generation,
    tell: (...events: GenerationEvent[]) => tell(events),
    cancels: () => cancels,
    cancelled: () => runner.heartbeat(["gen_1"]),
    /** Puts events on the disk. */
    async write(...events: GenerationEvent[]) {
      runner.append("gen_1", events);
      const last = events.at(-1)?.seq ?? 0;
      await expect.poll(() => store.events("gen_1", last, 1).length, { interval: 2 }).toBe(1);
    },
    finish: () =>
      runner.finish("gen_1", {
        id: "gen_1",
        status: "succeeded",
        model: "openai/m",
        provider: "openai",
        output: { text: "all" },
        cost: { total: "0", list: "0" },
        attempts: [],
        cached: false,
        warnings: [],
      }),
    /** How long it waits before its next look at the disk. */
    async wait(): Promise<number> {
      await expect.poll(() => waits.length, { interval: 1 }).toBeGreaterThan(waited);
      return waits[waited]?.ms ?? 0;
    },
    /** Ends that wait. */
    look() {
      waits[waited]?.end();
      waited += 1;
    },
    seqs: () => generation.events.map(({ seq, event }) => `${seq}:${event.type === "text" ? event.text.trim() : ""}`),
  };
}

describe("following a generation that runs elsewhere", () => {
  it("looks at the disk soon after something came there, and less and less often while nothing does", async () => {
    const { wait, look, write, seqs, generation, finish } = await followed(false);
    for (const ms of [least, 2 * least, most, most]) {
      expect(await wait()).toBe(ms);
      look();
    }
    await wait();
    await write(event(0), event(1));
    look();
    expect(await wait()).toBe(least);
    expect(seqs()).toEqual(["0:0", "1:1"]);
    await finish();
    look();
    expect((await generation.done).output.text).toBe("all");
  });

  it("takes events as it is told of them, each once, and looks at the disk only to be sure", async () => {
    const { wait, look, tell, write, seqs, generation, finish } = await followed(true);
    expect(await wait()).toBe(told);
    tell(event(0));
    tell(event(0), event(1));
    expect(seqs()).toEqual(["0:0", "1:1"]);
    await write(event(0), event(1));
    look();
    expect(await wait()).toBe(told);
    tell(event(2));
    expect(seqs()).toEqual(["0:0", "1:1", "2:2"]);
    await finish();
    // Its end: no wait need be ended for that.
    tell();
    expect((await generation.done).output.text).toBe("all");
  });

  it("fills from the disk, at once, what it was not told of, and then listens again", async () => {
    const { wait, look, tell, write, seqs } = await followed(true);
    await wait();
    tell(event(0));
    await write(event(0), event(1), event(2));
    tell(event(3));
    await expect.poll(seqs).toEqual(["0:0", "1:1", "2:2"]);
    look();
    expect(await wait()).toBe(least);
    await write(event(3));
    look();
    await expect.poll(seqs).toEqual(["0:0", "1:1", "2:2", "3:3"]);
    await wait();
    tell(event(4));
    look();
    expect(await wait()).toBe(told);
    expect(seqs()).toHaveLength(5);
  });

  it("cancels where it runs: by word of mouth, and on the disk for a runner that does not hear", async () => {
    for (const isRunHere of [true, false]) {
      const { generation, cancels, cancelled, wait } = await followed(isRunHere);
      await wait();
      generation.cancel();
      expect(cancels()).toBe(isRunHere ? 1 : 0);
      await expect.poll(cancelled).toEqual(["gen_1"]);
    }
  });
});
