import { rm } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { localCaller } from "../../src/core/caller.ts";
import { toErrorFacts } from "../../src/core/errors.ts";
import { auditLedger } from "../../src/credits/audit.ts";
import { type Ledger, openLedger } from "../../src/credits/ledger.ts";
import { type HandClock, handClock, seededRng } from "../support/hand-clock.ts";
import { keyCaller, temporaryDirectory } from "../support/ledger.ts";
import { PaperBooks, type PaperHold, paperLimits } from "../support/ledger-model.ts";

interface Real {
  readonly ledger: Ledger;
  readonly clock: HandClock;
}

type Command = fc.AsyncCommand<PaperBooks, Real>;

const callers = [localCaller, keyCaller("key_limited"), keyCaller("key_free")];
const hour = 3_600_000;

/** One command, from what it does to both; afterwards both must have the same balance. */
function command(text: string, run: (books: PaperBooks, real: Real) => Promise<void>): Command {
  return {
    check: () => true,
    async run(books, real) {
      await run(books, real);
      books.pass();
      expect(await real.ledger.balance(localCaller)).toEqual({
        granted: books.granted,
        available: books.available,
        held: books.held,
        spent: books.spent,
        expired: books.expired,
      });
    },
    toString: () => text,
  };
}

function onHold(
  text: string,
  pick: number,
  run: (books: PaperBooks, real: Real, hold: PaperHold) => Promise<void>,
): Command {
  return command(`${text} ${pick}`, async (books, real) => {
    const hold = books.holds[pick % (books.holds.length || 1)];
    if (hold) await run(books, real, hold);
  });
}

const grant = (amount: bigint, lifeMs: number | undefined) =>
  command(`grant ${amount}${lifeMs === undefined ? "" : ` for ${lifeMs} ms`}`, async (books, { ledger, clock }) => {
    books.grant(amount, lifeMs);
    await ledger.grant({ amount, expiresAt: lifeMs === undefined ? undefined : clock.now() + lifeMs });
  });

const reserve = (amount: bigint, atLeast: bigint, who: number, session: boolean, sent: boolean) =>
  command(
    `reserve ${amount} (${atLeast}) as ${who}${session ? " in a session" : ""}${sent ? ", sent" : ""}`,
    async (books, { ledger }) => {
      books.pass();
      const least = atLeast < amount ? atLeast : amount;
      const fitting = books.fit(who, session, amount, least);
      const idem = `call ${books.holds.length}`;
      const answer = await ledger
        .reserve({
          caller: callers[who] ?? localCaller,
          amount,
          atLeast: least,
          charge: { tool: "infer" },
          idempotencyKey: idem,
          budget: session ? { scope: `${who}`, limit: paperLimits.session } : undefined,
          dispatched: sent,
        })
        .catch((error: unknown) => toErrorFacts(error).code);
      expect(typeof answer === "string" ? answer : answer.amount).toBe(fitting);
      if (typeof answer === "string") return;
      books.promise({ id: answer.id, idem, who, session, amount: answer.amount, sent });
    },
  );

const repeat = (pick: number) =>
  onHold("repeat", pick, async (_books, { ledger }, hold) => {
    const again = { amount: 0n, charge: { tool: "infer" }, idempotencyKey: hold.idem };
    const found = await ledger.reserve({ ...again, caller: callers[hold.who] ?? localCaller });
    expect(found).toEqual({ id: hold.id, amount: hold.amount, state: hold.state, replayed: true });
  });

const settle = (pick: number, actual: bigint) =>
  onHold(`settle at ${actual}`, pick, async (books, { ledger }, hold) => {
    const first = hold.state === "held" || hold.state === "expired";
    if (hold.state === "held") books.end(hold, "settled", actual);
    else if (hold.state === "expired") books.correct(hold, "settled", actual);
    expect(await ledger.settle(hold.id, { actual })).toMatchObject({
      first,
      actual: hold.actual,
      overage: hold.actual > hold.amount ? hold.actual - hold.amount : 0n,
    });
  });

const release = (pick: number) =>
  onHold("release", pick, async (books, { ledger }, hold) => {
    if (hold.state === "held") books.end(hold, "released", 0n);
    else if (hold.state === "expired" && hold.guessed) books.correct(hold, "released", 0n);
    await ledger.release(hold.id, "test");
  });

const progress = (pick: number, cost: bigint) =>
  onHold(`progress to ${cost}`, pick, async (books, { ledger }, hold) => {
    if (hold.state === "held") {
      hold.progress = cost > hold.progress ? cost : hold.progress;
      hold.expiresAt = books.now + paperLimits.leaseMs;
      hold.sent = true;
    }
    await ledger.progress(hold.id, cost);
  });

const refund = (pick: number, amount: bigint) =>
  onHold(`refund ${amount} of`, pick, async (books, { ledger }, hold) => {
    const charged = hold.actual - hold.refunded;
    const expected = hold.state === "held" ? "conflict" : amount > charged ? "invalid_request" : charged - amount;
    if (typeof expected === "bigint") books.refund(hold, amount);
    const answer = await ledger.admin.refund(hold.id, amount).catch((error: unknown) => toErrorFacts(error).code);
    expect(typeof answer === "string" ? answer : answer.charged).toBe(expected);
  });

const advance = (ms: number) =>
  command(`advance ${ms}`, async (books, { clock }) => {
    clock.advance(ms);
    books.now += ms;
  });

const recover = () =>
  command("recover", async (books, { ledger }) => {
    const lost = books.holds.filter((hold) => hold.state === "held" && hold.expiresAt <= books.now);
    const unsent = lost.filter((hold) => !hold.sent);
    for (const hold of unsent) books.end(hold, "expired", 0n);
    const sent = lost.filter((hold) => hold.sent).sort((left, right) => left.expiresAt - right.expiresAt);
    for (const hold of sent) books.end(hold, "expired", hold.progress > 0n ? hold.progress : hold.amount, true);
    expect(await ledger.recover()).toEqual({ unsent: unsent.length, known: 0, guessed: sent.length });
  });

const amounts = fc.bigInt({ min: 0n, max: 60n });
const picks = fc.nat({ max: 30 });
const commands = fc.commands(
  [
    fc
      .tuple(fc.bigInt({ min: 1n, max: 80n }), fc.option(fc.integer({ min: 1, max: 30 * hour }), { nil: undefined }))
      .map((of) => grant(...of)),
    ...[0, 1, 2].map((who) =>
      fc.tuple(amounts, amounts, fc.constant(who), fc.boolean(), fc.boolean()).map((of) => reserve(...of)),
    ),
    picks.map(repeat),
    fc.tuple(picks, amounts).map((of) => settle(...of)),
    fc.tuple(picks, amounts).map((of) => settle(...of)),
    picks.map(release),
    fc.tuple(picks, amounts).map((of) => progress(...of)),
    fc.tuple(picks, fc.bigInt({ min: 1n, max: 30n })).map((of) => refund(...of)),
    fc.integer({ min: 1, max: 20 * hour }).map(advance),
    fc.constant(undefined).map(recover),
  ],
  { maxCommands: 60, size: "max" },
);

describe("the ledger", () => {
  it("answers every sequence of commands as books on paper do, and its journal explains its balances", async () => {
    const directory = await temporaryDirectory();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(commands, async (sequence) => {
        const path = join(directory, `${run++}.db`);
        const clock = handClock(1_800_000_000_000);
        const ledger = openLedger({ path, clock, rng: seededRng(run), background: false });
        try {
          await ledger.admin.setBudget({ scope: "key:key_limited", window: "day", limit: paperLimits.keyDay });
          const model = new PaperBooks(clock.now());
          await fc.asyncModelRun(() => ({ model, real: { ledger, clock } }), sequence);
          expect(auditLedger(path, clock).problems).toEqual([]);
        } finally {
          await ledger.close();
          await rm(path, { force: true });
        }
      }),
      { numRuns: Number(process.env.SWITCHYARD_TEST_RUNS ?? 60) },
    );
  });
});
