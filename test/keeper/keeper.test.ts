import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { systemClock, systemRng } from "../../src/core/clock.ts";
import { openGenerationStore } from "../../src/infer/generation-store.ts";
import { type Connection, openWorld, type World } from "../support/world.ts";

const model = "openai/gpt-5.4-mini";
const slow = { prompt: "say 60 words", model, idempotency_key: "order-1" };
let world: World;

beforeEach(async () => {
  world = await openWorld();
  world.simulator.latency.set({ chunkMs: 15 });
});
afterEach(() => world.close());

/** Waits until some of the answer has been delivered. */
async function someText(connection: Connection, id: string): Promise<void> {
  const characters = async () => ((await connection.call("infer_result", { id })).structured.output.text ?? "").length;
  await expect.poll(characters, { timeout: 15_000 }).toBeGreaterThan(60);
}

async function settledSpend(): Promise<number> {
  const connection = await world.connect();
  await expect.poll(async () => (await connection.call("credits")).structured.held, { timeout: 15_000 }).toBe("0");
  return Number((await connection.call("credits")).structured.spent);
}

describe("a call with an idempotency key", () => {
  it("outlives a server that is killed in the middle of its stream, and is paid once", async () => {
    const first = await world.connect();
    const started = await first.call("infer", { ...slow, prompt: "say 1000 words", wait_ms: 0 });
    const { id } = started.structured;
    expect(started.structured.status).toBe("running");
    const second = await world.connect();
    await someText(second, id);
    expect(world.simulator.book.entries.at(-1)?.outcome).toBe("running");
    process.kill(first.pid, "SIGKILL");

    const early = (await second.call("infer_result", { id })).structured;
    const rest = (await second.call("infer_result", { id, from: early.events_next, wait_ms: 40_000 })).structured;
    expect(rest.status).toBe("succeeded");
    const whole = (await second.call("infer_result", { id })).structured.output.text;
    expect(early.output.text + rest.output.text).toBe(whole);
    expect(whole.split(" ").length).toBe(1_002);
    expect(world.simulator.book.totals("openai")).toMatchObject({ requests: 1, succeeded: 1 });
    expect(await settledSpend()).toBe(Number(rest.cost.total));
  }, 90_000);

  it("is joined, not made again, by another process that sends the same key and request", async () => {
    const [first, second] = await Promise.all([world.connect(), world.connect()]);
    const [a, b] = await Promise.all([first.call("infer", slow), second.call("infer", slow)]);
    expect(a.structured.id).toBe(b.structured.id);
    expect(a.structured.output).toEqual(b.structured.output);
    expect(world.simulator.book.totals().requests).toBe(1);
  });

  it("is refused under the same key with another request, naming the first generation", async () => {
    const connection = await world.connect();
    const { id } = (await connection.call("infer", slow)).structured;
    const { isError, text } = await connection.call("infer", { ...slow, prompt: "something else" });
    expect(isError).toBe(true);
    expect(text).toContain("conflict: ");
    expect(text).toContain(id);
  });

  it("is stopped by a process that did not start it, and what was delivered is paid", async () => {
    const [first, second] = await Promise.all([world.connect(), world.connect()]);
    const { id } = (await first.call("infer", { ...slow, prompt: "say 3000 words", wait_ms: 0 })).structured;
    await someText(second, id);
    const stopped = (await second.call("infer_result", { id, cancel: true })).structured;
    expect(stopped.status).toBe("cancelled");
    expect(stopped.output.text.length).toBeGreaterThan(0);
    expect(Number(stopped.cost.total)).toBeGreaterThan(0);
    expect(await settledSpend()).toBe(Number(stopped.cost.total));
  });
});

describe("with a keeper that runs all calls, one without a key", () => {
  const plain = { prompt: "say 200 words", model };
  beforeEach(() => world.writeSettings({ keeper: { runs: "all" } }));

  it("outlives a server that is killed in the middle of its stream: a new one gives the rest, paid once", async () => {
    const first = await world.connect();
    const { id } = (await first.call("infer", { ...plain, wait_ms: 0 })).structured;
    await someText(first, id);
    expect(world.simulator.book.entries.at(-1)?.outcome).toBe("running");
    process.kill(first.pid, "SIGKILL");

    const second = await world.connect();
    const early = (await second.call("infer_result", { id })).structured;
    const rest = (await second.call("infer_result", { id, from: early.events_next, wait_ms: 40_000 })).structured;
    expect(rest.status).toBe("succeeded");
    expect((early.output.text + rest.output.text).split(" ").length).toBe(202);
    expect(world.simulator.book.totals("openai")).toMatchObject({ requests: 1, succeeded: 1 });
    expect(await settledSpend()).toBe(Number(rest.cost.total));
  }, 60_000);

  it("is a media job that goes on while its server is dead and no other lives", async () => {
    const { simulator } = world;
    await world.writeSettings({
      keeper: { runs: "all" },
      providers: { xai: { key: simulator.apiKey("xai"), base_url: simulator.baseUrl("xai") } },
    });
    simulator.jobs.set({ queuedPolls: 1, runningPolls: 2 });
    const first = await world.connect();
    const video = { model: "xai/grok-imagine-video", prompt: "a heron", wait_ms: 0 };
    const { id } = (await first.call("infer", video)).structured;
    await expect.poll(() => simulator.book.totals("xai").requests, { timeout: 15_000 }).toBeGreaterThan(1);
    process.kill(first.pid, "SIGKILL");
    // Asked four times: the last one gives it. Nobody else could have done that.
    const asked = () => simulator.book.entries.filter(({ method }) => method === "GET").length;
    await expect.poll(asked, { timeout: 30_000 }).toBeGreaterThanOrEqual(4);

    const second = await world.connect();
    const { status, output } = (await second.call("infer_result", { id, wait_ms: 20_000 })).structured;
    expect(status).toBe("succeeded");
    expect(output.video).toHaveLength(1);
    expect(simulator.book.entries.filter(({ method }) => method === "POST")).toHaveLength(1);
  }, 60_000);

  it("is stopped when its caller hangs up, and what was delivered is paid", async () => {
    const first = await world.connect();
    const hangUp = new AbortController();
    const asked = first.call("infer", { ...plain, prompt: "say 3000 words" }, { signal: hangUp.signal });
    const refused = expect(asked).rejects.toThrow();
    const store = openGenerationStore({
      path: join(world.home, "generations.db"),
      clock: systemClock,
      rng: systemRng,
    });
    onTestFinished(() => store.close());
    const written = () => store.log({ limit: 1 }).flatMap(({ id }) => store.events(id, 0, 100)).length;
    await expect.poll(written, { timeout: 15_000 }).toBeGreaterThan(9);
    hangUp.abort();
    await refused;
    await expect.poll(() => store.log({ limit: 1 })[0]?.state, { timeout: 15_000 }).toBe("cancelled");
    expect(world.simulator.book.totals("openai").clientGone).toBe(1);
    expect(await settledSpend()).toBeGreaterThan(0);
  }, 60_000);
});

describe("with no keeper", () => {
  it("a call with a key runs in its server, is joined by another process, and ends with its server", async () => {
    await world.writeSettings({ keeper: { runs: "none" } });
    const [first, second] = await Promise.all([world.connect(), world.connect()]);
    const long = { ...slow, prompt: "say 3000 words", wait_ms: 0 };
    const { id } = (await first.call("infer", long)).structured;
    expect((await second.call("infer", long)).structured.id).toBe(id);
    await someText(second, id);
    expect(existsSync(join(world.home, "keeper.sock"))).toBe(false);
    process.kill(first.pid, "SIGKILL");
    await expect.poll(() => world.simulator.book.totals("openai").clientGone, { timeout: 15_000 }).toBe(1);
    const lost = (await second.call("infer_result", { id, wait_ms: 40_000 })).text;
    expect(lost).toContain("ended before its answer was whole");
  }, 60_000);
});
