import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { auditLedger } from "../../src/credits/audit.ts";
import type { HandClock } from "../support/hand-clock.ts";
import { infer, keyCaller, temporaryDirectory, temporaryLedger, usd } from "../support/ledger.ts";
import { damageTable } from "../support/ledger-file.ts";

/** A closed ledger with some of everything in it. */
async function usedLedger(): Promise<{ path: string; clock: HandClock; hold: string }> {
  const { ledger, path, clock } = await temporaryLedger();
  const key = keyCaller("key_1");
  await ledger.admin.setBudget({ scope: "key:key_1", window: "day", limit: usd("9") });
  const first = await ledger.reserve(infer("2", { caller: key, budget: { scope: "s", limit: usd("3") } }));
  await ledger.settle(first.id, { actual: usd("1") });
  const second = await ledger.reserve(infer("8", { caller: key }));
  await ledger.settle(second.id, { actual: usd("9.5") });
  await ledger.grant({ amount: usd("5"), workspace: "default" });
  await ledger.reserve(infer("0.5"));
  await ledger.close();
  return { path, clock, hold: first.id };
}

/** Changes the file as no code of ours could. */
function tamper(path: string, sql: string): void {
  const database = new DatabaseSync(path);
  database.exec(
    `PRAGMA ignore_check_constraints = 1; DROP TRIGGER entry_no_update; DROP TRIGGER entry_no_delete; ${sql}`,
  );
  database.close();
}

describe("auditLedger", () => {
  it("finds nothing wrong with a ledger that was used, and looks beside one that is open", async () => {
    const { path, clock } = await usedLedger();
    expect(auditLedger(path, clock)).toMatchObject({ ok: true, problems: [], notes: [] });
    const { ledger, path: open } = await temporaryLedger();
    await ledger.reserve(infer("1"));
    expect(auditLedger(open, clock)).toMatchObject({ ok: true, entries: 2 });
  });

  it.each([
    ["UPDATE account SET held = held + 1 WHERE id = 'pool'", "pool: held is $0.500000001", "$0.5"],
    ["UPDATE account SET spent = 0 WHERE id = 'key:key_1'", "key:key_1: spent is $0", "$10.5"],
    ["UPDATE account SET debt = 7 WHERE id = 'workspace:default'", "workspace:default: debt is $0.000000007", "$0"],
    ["UPDATE budget_window SET spent = 4", "day budget of key:key_1: spent is $0.000000004", "$10.5"],
    ["UPDATE spend SET spent = 1", "daily sums of workspace:default: spent is $0.000000001", "$10.5"],
  ])("says exactly what differs after %s", async (sql, what, expected) => {
    const { path, clock } = await usedLedger();
    tamper(path, sql);
    const { ok, problems } = auditLedger(path, clock);
    expect(ok).toBe(false);
    expect(problems).toContainEqual({ what, expected });
  });

  it("finds an entry that was changed, one that was removed, and one that was put in", async () => {
    const wrongs = [
      [
        "UPDATE entry SET amount = amount + 1 WHERE seq = 2",
        "entry 2 (reserve) does not have the hash of its contents",
      ],
      ["DELETE FROM entry WHERE seq = 3", "entry 3 is missing; entry 4 is in its place"],
      ["UPDATE entry SET hash = x'00' WHERE seq = 2", "entry 3 (settle) does not have the hash of its contents"],
    ] as const;
    for (const [sql, what] of wrongs) {
      const { path, clock } = await usedLedger();
      tamper(path, sql);
      expect(auditLedger(path, clock).problems.map((problem) => problem.what)).toContain(what);
    }
    const { path, clock } = await usedLedger();
    tamper(path, "INSERT INTO entry (kind, account, amount, at, hash) VALUES ('grant', 'pool', 1, 0, x'00')");
    expect(auditLedger(path, clock).problems.map((problem) => problem.what)).toContain("pool: granted is $15");
  });

  it("finds the last entry removed, by what it leaves unexplained", async () => {
    const { path, clock } = await usedLedger();
    tamper(path, "DELETE FROM entry WHERE seq = (SELECT max(seq) FROM entry)");
    const { problems } = auditLedger(path, clock);
    expect(problems.map((problem) => problem.what)).toContain("pool: held is $0.5");
    expect(problems.map((problem) => problem.expected)).toContain("entries of its own, and there are none");
  });

  it("finds a hold that says another charge than its entries", async () => {
    const { path, clock, hold } = await usedLedger();
    tamper(path, `UPDATE hold SET actual = 5 WHERE id = '${hold}'`);
    expect(auditLedger(path, clock).problems).toContainEqual({
      what: `hold ${hold} is settled with $2, charged $0.000000005`,
      expected: "by its entries $2 reserved, $1 settled and $1 given back, $1 charged",
    });
  });

  it("finds a grant that says it has more than is left of it", async () => {
    const { path, clock } = await usedLedger();
    tamper(path, "UPDATE credit_grant SET used = 0 WHERE seq = 1");
    expect(auditLedger(path, clock).problems[0]).toMatchObject({
      what: expect.stringMatching(/^grant grant_\w+: used is \$0$/),
    });
  });

  it("finds a grant whose money nobody would look for", async () => {
    const { path, clock } = await usedLedger();
    tamper(path, "UPDATE credit_grant SET is_open = 1 - is_open WHERE seq = 1");
    expect(auditLedger(path, clock).problems[0]).toMatchObject({
      what: expect.stringMatching(/^grant grant_\w+: it is marked as (used up|having money)$/),
    });
  });

  it("reports calls that were charged by a guess and holds that nobody has ended yet", async () => {
    const { ledger, path, clock } = await temporaryLedger();
    await ledger.reserve(infer("1", { dispatched: true, leaseMs: 1 }));
    clock.advance(3_600_000);
    expect(auditLedger(path, clock).notes).toEqual(["holds past their lease, which any running server ends: 1"]);
    await ledger.recover();
    expect(auditLedger(path, clock).notes).toEqual(["calls charged by a guess (`switchyard credits unreconciled`): 1"]);
  });

  it("says of a damaged file that it is damaged, and of a missing one that it cannot be opened", async () => {
    const { path, clock } = await usedLedger();
    await damageTable(path, "hold");
    const { path: other } = await usedLedger();
    await damageTable(other, "spend");
    for (const damaged of [path, other]) {
      expect(auditLedger(damaged, clock)).toMatchObject({ ok: false, entries: 0 });
      expect(auditLedger(damaged, clock).problems[0]?.what).toMatch(/^the file is damaged: /);
    }
    const directory = await temporaryDirectory();
    expect(() => auditLedger(join(directory, "none.db"), clock)).toThrow("cannot be opened");
    await writeFile(join(directory, "text.db"), "no database at all".repeat(100));
    expect(() => auditLedger(join(directory, "text.db"), clock)).toThrow("is damaged");
  });
});
