import { describe, expect, it } from "vitest";
import { runBank } from "../support/bank/bank.ts";
import { bankFaults } from "../support/bank/faults.ts";
import { seededRng } from "../support/hand-clock.ts";
import { temporaryDirectory } from "../support/ledger.ts";

/** `npm run test:bank` runs it with eight servers and fifty kills for a minute. */
describe("a bank of servers that are killed and stopped at random", () => {
  it("loses nothing, charges nothing twice and passes no limit", async () => {
    const report = await runBank({
      directory: await temporaryDirectory(),
      processes: 3,
      seconds: 3,
      kills: 4,
      stops: 1,
      leaseMs: 1_000,
      slackMs: 10_000,
      rng: seededRng(1),
    });
    expect(report.violations).toEqual([]);
    expect(report.settled).toBeGreaterThan(50);
    expect(report).toMatchObject({ kills: 4, stops: 1 });
  });

  const signs = {
    "early-acknowledgement": /was acknowledged and its hold is (undefined|held)/,
    "no-lock": /the pool holds|audit:/,
    "no-expiry": /lives past its lease/,
    "no-idempotency": /was paid for twice/,
  };

  it.each(bankFaults)("would find the fault %s", async (fault) => {
    const { violations } = await runBank({
      directory: await temporaryDirectory(),
      processes: 2,
      seconds: 12,
      kills: 20,
      stops: 0,
      leaseMs: 300,
      slackMs: 1_000,
      untilViolated: true,
      fault,
      rng: seededRng(2),
    });
    expect(violations).toContainEqual(expect.stringMatching(signs[fault]));
  });
});
