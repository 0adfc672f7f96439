import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { localCaller } from "../../src/core/caller.ts";
import { systemClock, systemRng } from "../../src/core/clock.ts";
import { openLedger } from "../../src/credits/ledger.ts";
import { commandFile } from "../support/world.ts";

let home: string;
let call: string;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "switchyard-command-"));
  const path = join(home, "ledger.db");
  const ledger = openLedger({ path, clock: systemClock, rng: systemRng, initialGrant: 10_000_000_000n });
  const charge = { tool: "infer", provider: "openai", model: "openai/m" };
  const hold = await ledger.reserve({ caller: localCaller, amount: 2_000_000_000n, charge, idempotencyKey: "gen_1" });
  await ledger.settle(hold.id, { actual: 1_500_000_000n });
  call = hold.id;
  await ledger.close();
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

function run(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [commandFile, ...args], {
    env: { SWITCHYARD_HOME: home, PATH: process.env.PATH ?? "" },
    encoding: "utf8",
    timeout: 30_000,
  });
  return { status, stdout, stderr };
}

const credits = (...args: string[]) => run("credits", ...args);

describe("switchyard credits", () => {
  it("shows the balance and breaks it down", () => {
    expect(credits("balance", "--by", "model").stdout).toMatch(/^spent +\$1\.5$[\s\S]*openai\/m +\$1\.5 {2}1 calls/m);
    const json = JSON.parse(credits("--json").stdout);
    expect(json).toMatchObject({
      available: "8.5",
      forecast: { empty_at: expect.stringMatching(/^\d{4}-/) },
      budgets: [],
    });
    expect(credits("--by", "colour").stderr).toContain("--by colour is not a breakdown");
    expect(credits("--since", "yesterday").stderr).toContain("is not a time");
  });

  it("grants with dates and priorities, once for one key", () => {
    const granted = ["grant", "$5", "--expires", "2999-01-01", "--priority", "10", "--idempotency-key", "invoice 7"];
    const first = credits(...granted).stdout;
    expect(first).toMatch(/^Granted \$5 \(grant_\w+\)\. Available now: \$13\.5\.\n$/);
    expect(credits(...granted).stdout).toBe(first);
    expect(credits("grant", "5", "--expires", "2020-01-01").stderr).toContain("which is past");
    expect(credits("grant", "5", "--priority", "first").stderr).toContain("priority must be a whole number");
  });

  it("sets, lists and removes budgets, and says when one is passed already", () => {
    const set = credits("budgets", "set", "key:key_1", "--window", "day", "--limit", "3", "--model", "openai/*");
    expect(set.stdout).toMatch(
      /^day budget of key:key_1 for \{"model":"openai\/\*"\}: \$0 spent and \$0 held of \$3, resets at /,
    );
    expect(credits("budgets", "set", "pool", "--limit", "1").stdout).toContain(
      "Note: $1.5 is spent and $0 held already",
    );
    expect(credits("budgets").stdout.split("\n")).toHaveLength(3);
    expect(credits("budgets", "remove", "pool").status).toBe(0);
    expect(credits("budgets", "remove", "pool").stderr).toContain("not_found: there is no total budget of pool");
    expect(credits("budgets", "set", "team:a", "--limit", "1").stderr).toContain(
      "is not a level that can have a budget",
    );
    expect(credits("budgets", "set", "pool", "--limit", "1", "--metadata", "blue").stderr).toContain("is not a pair");
  });

  it("shows history, exports it, and refunds a call", () => {
    expect(credits("history", "--call", call).stdout).toMatch(/release[\s\S]*settle +\$1\.5 .*openai\/m[\s\S]*reserve/);
    expect(JSON.parse(credits("history", "--limit", "1", "--json").stdout)).toMatchObject({ entries: [{}], next: 5 });
    const file = join(home, "journal.csv");
    expect(credits("export", "--csv", file).status).toBe(0);
    expect(readFileSync(file, "utf8")).toBe(credits("export", "--csv").stdout);
    expect(readFileSync(file, "utf8")).toMatch(/^seq,at,kind,amount_usd,/);
    expect(credits("export", file).stderr).toContain("is there already");
    expect(credits("refund", call, "0.5").stdout).toBe("Refunded $0.5; $1 of the call's charge is left.\n");
    expect(credits("refund", "gen_1", "0.25").stdout).toBe("Refunded $0.25; $0.75 of the call's charge is left.\n");
    expect(credits("history", "--call", "gen_1").stdout).toBe(credits("history", "--call", call).stdout);
    expect(credits("refund", "gen_2").stderr).toContain('there is no call "gen_2"');
    expect(credits("refund", call, "2").stderr).toContain("$0.75 of this call's charge is left to refund");
  });

  it("lists calls that were charged by a guess, and takes what they cost", async () => {
    expect(credits("unreconciled").stdout).toBe("Every call was charged what it cost.\n");
    const later = { ...systemClock, now: () => Date.now() + 3_600_000 };
    const ledger = openLedger({ path: join(home, "ledger.db"), clock: systemClock, rng: systemRng, background: false });
    const charge = { tool: "infer", model: "openai/m" };
    const { id } = await ledger.reserve({ caller: localCaller, amount: 1_000_000_000n, charge, dispatched: true });
    await ledger.close();
    const next = openLedger({ path: join(home, "ledger.db"), clock: later, rng: systemRng, background: false });
    await next.recover();
    await next.close();
    expect(credits("unreconciled").stdout).toMatch(
      new RegExp(`^${id} .*openai/m {2}charged \\$1 of \\$1 {2}lost: charge_estimate\n$`),
    );
    expect(credits("reconcile", id, "0.25").stdout).toBe("Charged $0.25.\n");
    expect(credits("reconcile", id, "0.5").stdout).toContain("It was charged $0.25 before");
  });

  it("takes budgets from the settings, and lets go of those that are no longer there", () => {
    const file = join(home, "settings.json");
    writeFileSync(file, JSON.stringify({ budgets: [{ scope: "pool", window: "5h", limit: "2", provider: "openai" }] }));
    run("doctor");
    expect(credits("budgets").stdout).toContain('5h budget of pool for {"provider":"openai"}: ');
    writeFileSync(file, JSON.stringify({ budgets: [{ scope: "everyone", limit: "2" }] }));
    expect(run("doctor").stdout).toMatch(/budgets\.0\.scope on line 1: must be pool, workspace:<name> or key:<id>/);
    writeFileSync(file, "{}");
    run("doctor");
    expect(credits("budgets").stdout).not.toContain("5h budget");
  });
});

describe("switchyard doctor", () => {
  it("replays the journal and says exactly what differs", () => {
    expect(run("doctor").stdout).toMatch(/\d+ entries replayed: every balance is as they say/);
    const database = new DatabaseSync(join(home, "ledger.db"));
    database.exec("UPDATE spend SET spent = spent + 1");
    database.close();
    const { status, stdout } = run("doctor");
    expect(status).toBe(1);
    expect(stdout).toMatch(/✗ internal: daily sums of workspace:default: spent is \$[\d.]+, and should be \$[\d.]+\./);
  });
});

describe("switchyard keys rotate", () => {
  it("shows a new secret once and keeps the key's id", () => {
    const made = run("keys", "create", "laptop").stdout;
    const id = /key_\w+/.exec(made)?.[0] ?? "none";
    const rotated = run("keys", "rotate", id, "--grace", "1").stdout;
    expect(rotated).toMatch(new RegExp(`^sy_[\\w-]{43}\n\nThis is the new secret of ${id}\\.`));
    const [record] = JSON.parse(readFileSync(join(home, "settings.json"), "utf8")).keys;
    expect(record).toMatchObject({ id, name: "laptop", previous: { until: expect.stringMatching(/Z$/) } });
    expect(run("keys", "rotate", id, "--grace", "forever").stderr).toContain("is not a number of hours");
    run("keys", "revoke", id);
    expect(run("keys", "rotate", id).stderr).toContain("was revoked at");
  });
});
