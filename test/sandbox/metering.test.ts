import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseUsd } from "../../src/core/money.ts";
import { query } from "../support/ledger-file.ts";
import { type Connection, openWorld, type World } from "../support/world.ts";

/** Dollars for a second: the pool of ten covers five seconds. */
const price = 2;
const stuck = "Array.prototype.indexOf.call({ length: 2 ** 53 - 1 }, 1)";
let world: World;
let host: Connection;
beforeAll(async () => {
  world = await openWorld({ sandbox: { price_per_cpu_second: `${price}` } });
  host = await world.connect();
});
afterAll(() => world.close());

async function balance() {
  const { structured } = await host.call("credits");
  return { available: parseUsd(structured.available), held: parseUsd(structured.held) };
}

/** Runs a program and gives what it cost, in dollars, by its result; the pool must have lost just that. */
async function costOf(args: Record<string, unknown>) {
  const before = await balance();
  const { structured } = await host.call("sandbox_exec", args);
  const after = await balance();
  expect(after.held).toBe(0n);
  expect(before.available - after.available).toBe(parseUsd(structured.usage.cost));
  return { ...structured, cost: Number(structured.usage.cost) };
}

describe("CPU time that has a price", () => {
  test("is held before a program begins and charged as it was used", async () => {
    const { status, usage, cost } = await costOf({
      code: "let n = 0; while (n < 1e6) n++; n",
      limits: { cpu_ms: 4_000 },
    });
    expect(status).toBe("ok");
    expect(usage.cpu_ms).toBeGreaterThan(1);
    expect(cost).toBeCloseTo((usage.cpu_ms / 1_000) * price, 5);
  });
  test("keeps a program from beginning that cannot be paid for", async () => {
    const code = 'await memory.remember({ content: "it began" })';
    const refused = await host.call("sandbox_exec", { code, limits: { cpu_ms: 6_000 } });
    expect(refused).toMatchObject({ isError: true, text: expect.stringContaining("insufficient_credits") });
    const dear = { code, limits: { cpu_ms: 1_000 }, allow: { max_cost: "1.99" } };
    const narrow = await host.call("sandbox_exec", dear);
    expect(narrow).toMatchObject({ isError: true, text: expect.stringContaining("budget_exceeded") });
    const { structured } = await host.call("memory_list");
    expect(structured.memories).toEqual([]);
    expect((await balance()).held).toBe(0n);
  });
  test("is charged when a program is killed, up to what was held", async () => {
    const killed = await costOf({ code: stuck, timeout_ms: 100, limits: { cpu_ms: 100 } });
    expect(killed.status).toBe("timeout");
    expect(killed.cost).toBeGreaterThan(0.02 * price);
    expect(killed.cost).toBeLessThanOrEqual(0.1 * price);
    const waited = await costOf({ code: "await new Promise(() => setTimeout(() => {}, 1e5))", timeout_ms: 300 });
    expect(waited.cost).toBeLessThan(killed.cost);
  });
  test("is charged on V8 too", async () => {
    const { status, cost } = await costOf({ code: stuck, engine: "v8", timeout_ms: 500, limits: { cpu_ms: 500 } });
    expect(status).toBe("timeout");
    expect(cost).toBeGreaterThan(0.02 * price);
    expect(cost).toBeLessThanOrEqual(0.5 * price);
  });
  test("is charged for a replay, which computes again", async () => {
    const first = await costOf({
      code: "let n = 0; while (n < 1e5) n++; await memory.list(); n",
      limits: { cpu_ms: 1_000 },
    });
    expect((await costOf({ replay: first.run })).cost).toBeGreaterThan(0);
  });
});

test("CPU time without a price leaves nothing in the ledger", async () => {
  const free = await openWorld();
  const other = await free.connect();
  const { structured } = await other.call("sandbox_exec", { code: "let n = 0; while (n < 1e5) n++; n" });
  expect(structured).toMatchObject({ status: "ok", usage: { cost: "0" } });
  await other.close();
  expect(query(join(free.home, "ledger.db"), "SELECT count(*) AS n FROM hold")).toEqual([{ n: 0n }]);
  await free.close();
});
