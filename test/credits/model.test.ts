import { rm } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { localCaller } from "../../src/core/caller.ts";
import { toErrorFacts } from "../../src/core/errors.ts";
import { type Ledger, openLedger } from "../../src/credits/ledger.ts";
import { handClock, keyCaller, seededRng, temporaryDirectory } from "../support/ledger.ts";

/** The books as a child would keep them: one purse, envelopes for what is promised, one list of promises. */
interface Model {
  granted: bigint;
  held: bigint;
  spent: bigint;
  readonly sessions: Map<string, { held: bigint; spent: bigint }>;
  readonly holds: ModelHold[];
}

interface ModelHold {
  id: string;
  readonly who: number;
  readonly amount: bigint;
  readonly session: string | undefined;
  readonly idem: string;
  open: boolean;
  actual: bigint;
}

type Command = fc.AsyncCommand<Model, Ledger>;

const sessionLimit = 40n;
const callers = [localCaller, keyCaller("key_a"), keyCaller("key_b")];
const availableOf = (model: Model) => model.granted - model.held - model.spent;
const sessionOf = (model: Model, session: string) => {
  const known = model.sessions.get(session) ?? { held: 0n, spent: 0n };
  model.sessions.set(session, known);
  return known;
};

async function agree(model: Model, ledger: Ledger): Promise<void> {
  expect(await ledger.balance(localCaller)).toEqual({
    granted: model.granted,
    available: availableOf(model),
    held: model.held,
    spent: model.spent,
    expired: 0n,
  });
}

class Grant implements Command {
  readonly amount: bigint;
  constructor(amount: bigint) {
    this.amount = amount;
  }
  check = () => true;
  async run(model: Model, ledger: Ledger): Promise<void> {
    await ledger.grant({ amount: this.amount });
    model.granted += this.amount;
    await agree(model, ledger);
  }
  toString = () => `grant ${this.amount}`;
}

class Reserve implements Command {
  readonly amount: bigint;
  readonly who: number;
  readonly session: boolean;
  constructor(amount: bigint, who: number, session: boolean) {
    this.amount = amount;
    this.who = who;
    this.session = session;
  }
  check = () => true;
  async run(model: Model, ledger: Ledger): Promise<void> {
    const caller = callers[this.who] ?? localCaller;
    const session = this.session ? `${this.who}` : undefined;
    const idem = `call ${model.holds.length}`;
    const { amount } = this;
    const counted = session === undefined ? undefined : sessionOf(model, session);
    const sessionLeft = counted ? sessionLimit - counted.held - counted.spent : amount;
    const expected =
      amount === 0n || (amount <= sessionLeft && amount <= availableOf(model))
        ? "held"
        : amount > sessionLeft
          ? "budget_exceeded"
          : "insufficient_credits";
    const answer = await ledger
      .reserve({
        caller,
        amount,
        charge: { tool: "infer" },
        idempotencyKey: idem,
        budget: session === undefined ? undefined : { scope: session, limit: sessionLimit },
      })
      .catch((error: unknown) => toErrorFacts(error).code);
    expect(typeof answer === "string" ? answer : answer.state).toBe(expected);
    if (typeof answer === "string") return;
    model.holds.push({ id: answer.id, who: this.who, amount, session, idem, open: true, actual: 0n });
    model.held += amount;
    if (counted) counted.held += amount;
    await agree(model, ledger);
  }
  toString = () => `reserve ${this.amount} as ${this.who}${this.session ? " in a session" : ""}`;
}

abstract class OnHold implements Command {
  readonly pick: number;
  constructor(pick: number) {
    this.pick = pick;
  }
  check = (model: Readonly<Model>) => model.holds.length > 0;
  async run(model: Model, ledger: Ledger): Promise<void> {
    const hold = model.holds[this.pick % model.holds.length];
    if (hold) await this.act(model, ledger, hold);
    await agree(model, ledger);
  }
  abstract act(model: Model, ledger: Ledger, hold: ModelHold): Promise<void>;
  protected end(model: Model, hold: ModelHold, actual: bigint): void {
    if (!hold.open) return;
    hold.open = false;
    hold.actual = actual;
    model.held -= hold.amount;
    model.spent += actual;
    if (hold.session === undefined) return;
    const session = sessionOf(model, hold.session);
    session.held -= hold.amount;
    session.spent += actual;
  }
}

class Settle extends OnHold {
  readonly actual: bigint;
  constructor(pick: number, actual: bigint) {
    super(pick);
    this.actual = actual;
  }
  override async act(model: Model, ledger: Ledger, hold: ModelHold): Promise<void> {
    const first = hold.open;
    this.end(model, hold, this.actual);
    const { actual } = hold;
    expect(await ledger.settle(hold.id, { actual: this.actual })).toEqual({
      first,
      actual,
      overage: actual > hold.amount ? actual - hold.amount : 0n,
    });
  }
  override toString = () => `settle ${this.pick} at ${this.actual}`;
}

class Release extends OnHold {
  override async act(model: Model, ledger: Ledger, hold: ModelHold): Promise<void> {
    this.end(model, hold, 0n);
    await ledger.release(hold.id, "test");
  }
  override toString = () => `release ${this.pick}`;
}

class Repeat extends OnHold {
  override async act(_model: Model, ledger: Ledger, hold: ModelHold): Promise<void> {
    for (const [who, caller] of callers.entries()) {
      const again = await ledger
        .reserve({ caller, amount: 0n, charge: { tool: "infer" }, idempotencyKey: hold.idem, requestHash: "other" })
        .catch((error: unknown) => toErrorFacts(error).code);
      // The owner of the key meets a conflict; for the others it is a new, empty hold.
      expect(typeof again === "string" ? again : again.amount).toBe(who === hold.who ? "conflict" : 0n);
    }
  }
  override toString = () => `repeat ${this.pick}`;
}

const amount = fc.bigInt({ min: 0n, max: 60n });
const commands = fc.commands(
  [
    fc.bigInt({ min: 1n, max: 100n }).map((given) => new Grant(given)),
    fc
      .tuple(amount, fc.nat({ max: callers.length - 1 }), fc.boolean())
      .map(([given, who, session]) => new Reserve(given, who, session)),
    fc.tuple(fc.nat({ max: 50 }), amount).map(([pick, actual]) => new Settle(pick, actual)),
    fc.nat({ max: 50 }).map((pick) => new Release(pick)),
    fc.nat({ max: 50 }).map((pick) => new Repeat(pick)),
  ],
  { maxCommands: 40 },
);

describe("the ledger", () => {
  it("answers every sequence of commands as the plain model of it does", async () => {
    const directory = await temporaryDirectory();
    let run = 0;
    await fc.assert(
      fc.asyncProperty(commands, async (sequence) => {
        const path = join(directory, `${run++}.db`);
        const ledger = openLedger({
          path,
          clock: handClock(1_800_000_000_000),
          rng: seededRng(run),
          initialGrant: 100n,
        });
        try {
          const model: Model = { granted: 100n, held: 0n, spent: 0n, sessions: new Map(), holds: [] };
          await fc.asyncModelRun(() => ({ model, real: ledger }), sequence);
        } finally {
          await ledger.close();
          await rm(path, { force: true });
        }
      }),
      { numRuns: 60 },
    );
  });
});
