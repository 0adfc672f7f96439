import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { localCaller } from "../../src/core/caller.ts";
import { auditLedger } from "../../src/credits/audit.ts";
import { models, openPipeline } from "./support/pipeline.ts";

describe("an attempt that its provider may have charged", () => {
  it("puts the call onto the list of those to reconcile, and doctor's audit says so", async () => {
    const { ask, simulator, gateway, home, clock } = await openPipeline();
    simulator.faults.script([{ fault: { kind: "cut_before_usage" } }]);
    const result = await ask({ prompt: "say 20 words" });
    expect(result.attempts).toMatchObject([{ unreconciled: true }]);
    const [listed, ...others] = await gateway.credits.admin.unreconciled();
    expect(others).toEqual([]);
    expect(listed).toMatchObject({
      charge: { model: models.openai },
      reason: "the provider did not say what it cost",
    });
    expect(auditLedger(join(home, "ledger.db"), clock)).toMatchObject({
      ok: true,
      notes: [expect.stringContaining("calls charged by a guess")],
    });

    const hold = listed?.id ?? "";
    const settled = await gateway.credits.admin.reconcile(hold, 123_000n);
    expect(settled).toMatchObject({ first: true, actual: 123_000n });
    expect(await gateway.credits.admin.unreconciled()).toEqual([]);
    expect((await gateway.credits.balance(localCaller)).spent).toBe(123_000n);
    // Once is enough: what is known is not replaced.
    expect(await gateway.credits.admin.reconcile(hold, 5n)).toMatchObject({ first: false, actual: 123_000n });
    expect(auditLedger(join(home, "ledger.db"), clock)).toMatchObject({ ok: true, notes: [] });
  });

  it("is listed although nothing of it was delivered and nothing is charged", async () => {
    const { ask, simulator, gateway, money } = await openPipeline();
    simulator.faults.script([{ fault: { kind: "lose_answer" }, times: 3 }]);
    const result = await ask({ fallbacks: [models.anthropic] });
    expect(result).toMatchObject({ status: "succeeded" });
    expect(result.attempts.some(({ unreconciled }) => unreconciled)).toBe(true);
    expect(await gateway.credits.admin.unreconciled()).toHaveLength(1);
    expect((await money()).held).toBe("0");
  });

  it("is not listed when the user pays the provider", async () => {
    const { ask, simulator, gateway } = await openPipeline({ providers: { openai: { billing: "byok" } } });
    simulator.faults.script([{ fault: { kind: "cut_before_usage" } }]);
    expect((await ask({})).attempts).toMatchObject([{ unreconciled: true }]);
    expect(await gateway.credits.admin.unreconciled()).toEqual([]);
  });

  it("is listed when it makes an image and its answer is lost", async () => {
    const { ask, simulator, gateway } = await openPipeline();
    simulator.faults.script([{ fault: { kind: "lose_answer" } }]);
    const result = await ask({ model: "openai/gpt-image-1-mini", prompt: "a signal box" });
    expect(result.status).toBe("failed");
    // Asking again could be paid twice.
    expect(simulator.book.totals().requests).toBe(1);
    expect(result.attempts).toMatchObject([{ unreconciled: true, cost: "0" }]);
    expect(await gateway.credits.admin.unreconciled()).toHaveLength(1);
  });

  it("is not listed when the provider refused it", async () => {
    const { ask, simulator, gateway } = await openPipeline();
    simulator.faults.script([{ fault: { kind: "unavailable" }, times: 9 }]);
    const result = await ask({ model: "openai/gpt-image-1-mini", prompt: "a signal box", timeout_ms: 20_000 });
    expect(result.status).toBe("failed");
    expect(await gateway.credits.admin.unreconciled()).toEqual([]);
  });
});
