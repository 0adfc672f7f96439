import { afterEach, beforeEach, describe, expect, it } from "vitest";
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
