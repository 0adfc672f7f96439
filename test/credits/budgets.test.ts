import { describe, expect, it } from "vitest";
import { localCaller } from "../../src/core/caller.ts";
import { creditLimits } from "../../src/core/limits.ts";
import { auditLedger } from "../../src/credits/audit.ts";
import type { Ledger } from "../../src/credits/ledger.ts";
import { infer, keyCaller, temporaryLedger, usd } from "../support/ledger.ts";

const hour = 3_600_000;
const key = keyCaller("key_1");

async function spend(ledger: Ledger, actual: string, more: Parameters<typeof infer>[1] = {}): Promise<void> {
  const hold = await ledger.reserve(infer(actual, more));
  await ledger.settle(hold.id, { actual: usd(actual) });
}

describe("budgets", () => {
  it("are walked from the pool inwards, and the first without room is named with all its numbers", async () => {
    const { ledger } = await temporaryLedger();
    const { admin } = ledger;
    await admin.setBudget({ scope: "pool", window: "total", limit: usd("5") });
    await admin.setBudget({ scope: "workspace:default", window: "month", limit: usd("4") });
    await admin.setBudget({ scope: "key:key_1", window: "day", limit: usd("3") });
    await spend(ledger, "1", { caller: key });
    await ledger.reserve(infer("1.5", { caller: key }));

    const attempt = (amount: string) => ledger.reserve(infer(amount, { caller: key })).catch((error) => error.details);
    expect(await attempt("0.6")).toEqual({
      scope: "key:key_1",
      window: "day",
      limit: "3",
      spent: "1",
      held: "1.5",
      available: "0.5",
      needed: "0.6",
      resets_at: "2026-11-23T00:00:00.000Z",
    });
    expect(await attempt("1.6")).toMatchObject({ scope: "workspace:default", resets_at: "2026-12-01T00:00:00.000Z" });
    expect(await attempt("2.6")).toMatchObject({ scope: "pool", limit: "5", resets_at: null });
    await expect(ledger.reserve(infer("0.6", { caller: key }))).rejects.toMatchObject({
      code: "budget_exceeded",
      message:
        "the day budget of key key_1 is $3: $1 is spent and $1.5 held, which leaves $0.5 where this call could cost up to $0.6",
      next: "Wait until 2026-11-23T00:00:00.000Z, ask for less, or raise it: `switchyard credits budgets set key:key_1 --window day --limit <usd>`",
      retryable: true,
    });
    expect(await ledger.affordable(key)).toBe(usd("0.5"));
    expect(await ledger.affordable(localCaller)).toBe(usd("1.5"));
  });

  it("leave nothing behind on the levels before the one that refuses", async () => {
    const { ledger, path, clock } = await temporaryLedger();
    await ledger.admin.setBudget({ scope: "pool", window: "day", limit: usd("5") });
    await ledger.admin.setBudget({ scope: "key:key_1", window: "day", limit: usd("1") });
    await expect(
      ledger.reserve(infer("2", { caller: key, budget: { scope: "s", limit: usd("9") } })),
    ).rejects.toThrow();
    expect((await ledger.admin.budgets()).map((budget) => budget.held)).toEqual([0n, 0n]);
    expect((await ledger.report(key, {})).limits).toHaveLength(2);
    expect(auditLedger(path, clock)).toMatchObject({ ok: true });
  });

  it("of a day and a month begin anew, and a call counts in the window in which it was reserved", async () => {
    const { ledger, clock } = await temporaryLedger();
    await ledger.admin.setBudget({ scope: "pool", window: "day", limit: usd("1") });
    clock.set(Date.UTC(2026, 10, 22, 23, 59));
    const overnight = await ledger.reserve(infer("1"));
    clock.set(Date.UTC(2026, 10, 23));
    await ledger.reserve(infer("1"));
    await ledger.settle(overnight.id, { actual: usd("1") });
    const [day] = await ledger.admin.budgets();
    expect(day).toMatchObject({ held: usd("1"), spent: 0n });
  });

  it("that roll give back what leaves the window, and say when enough will have left", async () => {
    const { ledger, clock } = await temporaryLedger();
    const unused = await ledger.admin.setBudget({ scope: "pool", window: "5h", limit: usd("1") });
    expect(unused.resetsAt).toBeNull();
    const start = clock.now();
    await spend(ledger, "0.4");
    clock.advance(hour);
    await spend(ledger, "0.6");
    const refusalOf = (amount: string) => ledger.reserve(infer(amount)).catch((error) => error.details.resets_at);
    // A sixtieth of the window is the step in which it moves.
    expect(await refusalOf("0.4")).toBe(new Date(start + 5 * hour + hour / 12).toISOString());
    expect(await refusalOf("0.5")).toBe(new Date(start + 6 * hour + hour / 12).toISOString());
    clock.set(start + 5 * hour);
    await expect(ledger.reserve(infer("0.4"))).rejects.toMatchObject({ code: "budget_exceeded" });
    clock.set(start + 5 * hour + hour / 12);
    await spend(ledger, "0.4");
  });

  it("count only what they filter for: provider, model or family, tool, metadata", async () => {
    const { ledger } = await temporaryLedger();
    const { admin } = ledger;
    const limit = usd("1");
    await admin.setBudget({ scope: "pool", window: "total", limit, filter: { provider: "openai" } });
    await admin.setBudget({ scope: "pool", window: "total", limit, filter: { model: "anthropic/claude-*" } });
    await admin.setBudget({ scope: "pool", window: "total", limit, filter: { tool: "sandbox.exec" } });
    await admin.setBudget({ scope: "pool", window: "total", limit, filter: { metadata: { team: "blue" } } });
    const charges = [
      { tool: "infer", provider: "openai", model: "openai/a" },
      { tool: "infer", provider: "anthropic", model: "anthropic/claude-x" },
      { tool: "sandbox.exec" },
      { tool: "infer", provider: "groq", metadata: { team: "blue", other: "x" } },
    ];
    for (const charge of charges) {
      await ledger.reserve(infer("0.9", { charge }));
      await expect(ledger.reserve(infer("0.2", { charge }))).rejects.toMatchObject({ code: "budget_exceeded" });
    }
    await ledger.reserve(infer("2", { charge: { tool: "infer", provider: "groq", metadata: { team: "red" } } }));
    expect(await ledger.affordable(localCaller, undefined, { tool: "sandbox.exec" })).toBe(usd("0.1"));
  });

  it("set while calls run count what their window has already seen", async () => {
    const { ledger, path, clock } = await temporaryLedger();
    await spend(ledger, "1", { caller: key });
    clock.advance(24 * hour);
    await spend(ledger, "0.5", { caller: key });
    await spend(ledger, "3");
    const open = await ledger.reserve(infer("0.25", { caller: key }));
    const set = (window: string, scope = "key:key_1") => ledger.admin.setBudget({ scope, window, limit: usd("9") });
    expect(await set("day")).toMatchObject({ spent: usd("0.5"), held: usd("0.25"), warning: null });
    expect(await set("total")).toMatchObject({ spent: usd("1.5"), held: usd("0.25") });
    expect(await set("total", "pool")).toMatchObject({ spent: usd("4.5"), held: usd("0.25") });
    await ledger.settle(open.id, { actual: usd("0.2") });
    expect((await ledger.admin.budgets()).map((budget) => budget.spent)).toEqual([usd("4.7"), usd("0.7"), usd("1.7")]);
    expect(auditLedger(path, clock).problems).toEqual([]);
  });

  it("below what is held and spent are taken, say so, and stop new calls while running ones finish", async () => {
    const { ledger } = await temporaryLedger();
    await spend(ledger, "1");
    const running = await ledger.reserve(infer("2"));
    expect(await ledger.admin.setBudget({ scope: "pool", window: "total", limit: usd("0.5") })).toMatchObject({
      warning:
        "$1 is spent and $2 held already, $2.5 more than this budget; running calls finish, new ones are refused",
    });
    await expect(ledger.reserve(infer("0.000000001"))).rejects.toMatchObject({
      code: "budget_exceeded",
      details: { available: "0" },
    });
    expect(await ledger.affordable(localCaller)).toBe(0n);
    await ledger.reserve(infer("0"));
    expect(await ledger.settle(running.id, { actual: usd("2") })).toMatchObject({ actual: usd("2") });
  });

  it("can be changed and removed, and one from the settings goes when the settings drop it", async () => {
    const { ledger } = await temporaryLedger();
    const { admin } = ledger;
    await admin.setBudget({ scope: "key:key_1", window: "day", limit: 1n });
    await admin.setBudget({ scope: "key:key_1", window: "day", limit: 2n });
    await admin.declareBudgets([
      { scope: "pool", window: "month", limit: 3n },
      { scope: "pool", window: "day", limit: 4n },
    ]);
    const limits = async () => (await admin.budgets()).map((budget) => [budget.scope, budget.window, budget.limit]);
    expect(await limits()).toEqual([
      ["pool", "month", 3n],
      ["pool", "day", 4n],
      ["key:key_1", "day", 2n],
    ]);
    await admin.declareBudgets([{ scope: "pool", window: "day", limit: 5n }]);
    expect(await limits()).toEqual([
      ["pool", "day", 5n],
      ["key:key_1", "day", 2n],
    ]);
    expect(await admin.removeBudget({ scope: "key:key_1", window: "day" })).toBe(true);
    expect(await admin.removeBudget({ scope: "key:key_1", window: "day" })).toBe(false);
    expect(await limits()).toEqual([["pool", "day", 5n]]);
  });

  it("are refused when their scope, window, filter or limit makes no sense, and when there are too many", async () => {
    const { ledger } = await temporaryLedger();
    const good = { scope: "pool", window: "day", limit: 1n };
    const wrong = [
      { ...good, scope: "" },
      { ...good, scope: "team:a" },
      { ...good, scope: "key:" },
      { ...good, scope: "call:default//s" },
      { ...good, window: "week" },
      { ...good, limit: -1n },
      { ...good, filter: { colour: "blue" } as object },
      { ...good, filter: { model: 5 } as object },
      { ...good, filter: { metadata: {} } },
      { ...good, filter: { metadata: { a: 1 } } as object },
    ];
    for (const definition of wrong) {
      await expect(ledger.admin.setBudget(definition)).rejects.toMatchObject({ code: "invalid_request" });
    }
    const many = Array.from({ length: creditLimits.budgetsMax }, (_, index) => ({ ...good, scope: `key:k${index}` }));
    await ledger.admin.declareBudgets(many);
    await expect(ledger.admin.setBudget(good)).rejects.toThrow(`there are ${creditLimits.budgetsMax} budgets already`);
  });

  it("follow a call to the model that answers for another, when that one has room", async () => {
    const { ledger, path, clock } = await temporaryLedger();
    const { admin } = ledger;
    await admin.setBudget({ scope: "pool", window: "total", limit: usd("2"), filter: { provider: "openai" } });
    await admin.setBudget({ scope: "pool", window: "total", limit: usd("1"), filter: { provider: "groq" } });
    const held = async () => (await admin.budgets()).map((budget) => budget.held);
    const hold = await ledger.reserve(infer("0.8", { charge: { tool: "infer", provider: "openai" } }));
    await ledger.retarget(hold.id, { tool: "infer", provider: "groq", model: "groq/m" });
    expect(await held()).toEqual([0n, usd("0.8")]);
    const second = await ledger.reserve(infer("0.8", { charge: { tool: "infer", provider: "openai" } }));
    await expect(ledger.retarget(second.id, { tool: "infer", provider: "groq" })).rejects.toMatchObject({
      code: "budget_exceeded",
      details: { filter: { provider: "groq" }, held: "0.8", needed: "0.8" },
    });
    expect(await held()).toEqual([usd("0.8"), usd("0.8")]);
    await ledger.settle(hold.id, { actual: usd("0.5") });
    await ledger.settle(second.id, { actual: usd("0.5") });
    expect((await admin.budgets()).map((budget) => budget.spent)).toEqual([usd("0.5"), usd("0.5")]);
    expect(auditLedger(path, clock).problems).toEqual([]);
  });
});

describe("warnings", () => {
  it("come once as a level passes 50, 80 and 95 %, in the result and in the log", async () => {
    const log: string[] = [];
    const { ledger } = await temporaryLedger({ log: (line) => log.push(line) });
    await ledger.admin.setBudget({ scope: "key:key_1", window: "day", limit: usd("1") });
    const percents: number[][] = [];
    for (const actual of ["0.5", "0.1", "0.1", "0.2", "0.04", "0.02", "0.01"]) {
      const hold = await ledger.reserve(infer(actual, { caller: key }));
      const { warnings } = await ledger.settle(hold.id, { actual: usd(actual) });
      percents.push(warnings.map((warning) => warning.percent));
    }
    expect(percents).toEqual([[], [50], [], [80], [], [95], []]);
    expect(log[1]).toBe(
      "more than 80 % of the day budget of key:key_1 is spent: $0.9 of $1; it resets at 2026-11-23T00:00:00.000Z",
    );
    expect(log).toHaveLength(3);
  });

  it("of the pool count from what it had after the last grant", async () => {
    const { ledger } = await temporaryLedger();
    const percentOf = async (actual: string) => {
      const hold = await ledger.reserve(infer(actual));
      return (await ledger.settle(hold.id, { actual: usd(actual) })).warnings.map((warning) => warning.percent);
    };
    expect(await percentOf("9")).toEqual([80]);
    await ledger.grant({ amount: usd("19") });
    expect(await percentOf("9")).toEqual([]);
    expect(await percentOf("2")).toEqual([50]);
  });

  it("name only the highest mark that one call passes", async () => {
    const { ledger } = await temporaryLedger();
    const hold = await ledger.reserve(infer("10"));
    expect((await ledger.settle(hold.id, { actual: usd("10") })).warnings).toMatchObject([
      { scope: "pool", percent: 95, limit: usd("10"), spent: usd("10") },
    ]);
  });
});
