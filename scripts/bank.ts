/**
 * The bank test at full length: servers that are killed and stopped at random, one ledger, a provider with its own book.
 * `node scripts/bank.ts [--processes 8] [--seconds 60] [--kills 50] [--stops 8] [--fault <name>]`; exits 1 on a violation, or with a
 * fault when there is none.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { systemRng } from "../src/core/clock.ts";
import { runBank } from "../test/support/bank/bank.ts";
import { bankFaults } from "../test/support/bank/faults.ts";

const { values } = parseArgs({
  options: {
    processes: { type: "string", default: "8" },
    seconds: { type: "string", default: "60" },
    kills: { type: "string", default: "50" },
    stops: { type: "string", default: "8" },
    fault: { type: "string" },
  },
});
const fault = bankFaults.find((name) => name === values.fault);
if (values.fault !== undefined && fault === undefined) throw new Error(`--fault is one of ${bankFaults.join(", ")}`);

const directory = await mkdtemp(join(tmpdir(), "switchyard-bank-"));
try {
  const { violations, ...counts } = await runBank({
    directory,
    processes: Number(values.processes),
    seconds: Number(values.seconds),
    kills: Number(values.kills),
    stops: Number(values.stops),
    leaseMs: 2_000,
    slackMs: 10_000,
    untilViolated: fault !== undefined,
    fault,
    rng: systemRng,
  });
  console.log(JSON.stringify({ fault: fault ?? null, ...counts, violations: violations.length }));
  for (const violation of violations) console.log(`  ${violation}`);
  process.exitCode = violations.length > 0 === (fault !== undefined) ? 0 : 1;
} finally {
  await rm(directory, { recursive: true, force: true });
}
