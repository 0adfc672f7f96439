import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../../src/core/clock.ts";
import { auditLedger } from "../../../src/credits/audit.ts";
import { query } from "../ledger-file.ts";
import type { BankAnswer, BankRequest } from "./bank-process.ts";
import type { Charge } from "./provider.ts";

const violationsMax = 50;

interface StoredHold {
  readonly id: string;
  readonly idem: string | null;
  readonly state: string;
  readonly actual: bigint | null;
  readonly refunded: bigint;
}

/** What the clients and the provider know, compared with what the ledger says: while it runs and when all is over. */
export class BankChecks {
  readonly violations: string[] = [];
  readonly #path: string;
  readonly #book: ReadonlyMap<string, Charge>;
  readonly #initialGrant: bigint;
  readonly #slackMs: number;
  readonly #grants = new Map<string, { readonly amount: bigint; acknowledged: boolean }>();
  readonly #settled = new Map<string, { readonly hold: string; readonly actual: bigint }>();

  constructor(path: string, book: ReadonlyMap<string, Charge>, limits: { initialGrant: bigint; slackMs: number }) {
    this.#path = path;
    this.#book = book;
    this.#initialGrant = limits.initialGrant;
    this.#slackMs = limits.slackMs;
  }

  asked(request: BankRequest): void {
    if (request.do === "grant") this.#grants.set(request.id, { amount: BigInt(request.amount), acknowledged: false });
  }

  answered(answer: BankAnswer): void {
    if ("granted" in answer) {
      const grant = this.#grants.get(answer.id);
      if (grant) grant.acknowledged = true;
    }
    if ("settled" in answer) this.#settled.set(answer.id, { hold: answer.hold, actual: BigInt(answer.settled) });
  }

  /** What must be true at every moment, seen in one snapshot. */
  now(): void {
    const database = new DatabaseSync(this.#path, { readOnly: true });
    try {
      database.exec("PRAGMA busy_timeout = 5000; BEGIN");
      const all = (sql: string, ...values: number[]) => {
        const statement = database.prepare(sql);
        statement.setReadBigInts(true);
        return statement.all(...values) as Record<string, bigint>[];
      };
      const [pool] = all(
        "SELECT granted - held - spent - expired AS available, held, spent FROM account WHERE id = 'pool'",
      );
      if (pool?.available === undefined || pool.available < 0n)
        this.violated(`the pool has ${pool?.available} available`);
      const [below] = all("SELECT sum(held) AS held, sum(spent) AS spent FROM account WHERE kind = 'workspace'");
      if (below?.held !== pool?.held && (below?.held ?? 0n) !== (pool?.held ?? 0n)) {
        this.violated(`the pool holds ${pool?.held} and its workspaces ${below?.held}`);
      }
      for (const { seq, used, limit } of all(
        `SELECT seq, "limit", sum(held + spent) AS used FROM budget JOIN budget_window ON budget = seq GROUP BY seq HAVING used > "limit"`,
      )) {
        this.violated(`budget ${seq} of ${limit} has ${used} against it`);
      }
      for (const { seq } of all(
        "SELECT seq FROM hold WHERE state = 'held' AND expires_at < ?",
        Date.now() - this.#slackMs,
      )) {
        this.violated(`hold ${seq} lives past its lease`);
      }
    } finally {
      database.close();
    }
    this.#checkProviderPaidOnce();
  }

  /** What was acknowledged is on the disk, whoever has died since. */
  afterDeath(): void {
    this.#checkAcknowledged(storedHolds(this.#path));
  }

  /** Waits until every lease is over and nothing is held; servers that are there have to see to it. */
  async untilLeasesAreOver(leaseMs: number): Promise<void> {
    const endsAt = Date.now() + leaseMs + this.#slackMs;
    const open = () => query<{ id: string }>(this.#path, "SELECT id FROM hold WHERE state = 'held'");
    while (open().length > 0 && Date.now() < endsAt) await systemClock.sleep(50);
    for (const { id } of open()) this.violated(`hold ${id} lives past its lease`);
  }

  atTheEnd(): void {
    this.now();
    const { problems } = auditLedger(this.#path, systemClock);
    for (const { what, expected } of problems) this.violated(`audit: ${what}; expected ${expected}`);
    const holds = storedHolds(this.#path);
    this.#checkAcknowledged(holds);
    this.#checkProvider(holds);
    this.#checkGrants();
  }

  /** Every acknowledged result has exactly one settlement, of what was acknowledged. */
  #checkAcknowledged(holds: ReadonlyMap<string, StoredHold>): void {
    for (const [request, { hold, actual }] of this.#settled) {
      const stored = holds.get(hold);
      if (stored?.state !== "settled") this.violated(`${request} was acknowledged and its hold is ${stored?.state}`);
      else if (stored.actual !== actual) this.violated(`${request} was told ${actual} and charged ${stored.actual}`);
    }
    const settlements = query<{ hold: bigint; count: bigint }>(
      this.#path,
      "SELECT hold, count(*) AS count FROM entry WHERE kind = 'settle' GROUP BY hold, coalesce(credit_grant, 0) HAVING count > 1",
    );
    for (const { hold, count } of settlements) this.violated(`hold ${hold} was settled ${count} times`);
  }

  /** The provider's book and ours: the same calls at the same cost. */
  #checkProvider(holds: ReadonlyMap<string, StoredHold>): void {
    for (const [call, { amount }] of this.#book) {
      const hold = holds.get(call);
      const charged = (hold?.actual ?? 0n) - (hold?.refunded ?? 0n);
      if (charged !== amount)
        this.violated(`the provider charged ${amount} for ${call}, the ledger ${charged} (${hold?.state})`);
    }
    for (const { id, actual } of holds.values()) {
      if ((actual ?? 0n) > 0n && !this.#book.has(id))
        this.violated(`the ledger charged ${actual} for ${id}, the provider nothing`);
    }
  }

  /** No request is paid for twice, however often it was tried. */
  #checkProviderPaidOnce(): void {
    const paid = new Map<string, string>();
    for (const [call, { request }] of this.#book) {
      const other = paid.get(request);
      if (other !== undefined) this.violated(`${request} was paid for twice, as ${other} and ${call}`);
      paid.set(request, call);
    }
  }

  #checkGrants(): void {
    const stored = new Map(
      query<{ idem: string | null; amount: bigint }>(this.#path, "SELECT idem, amount FROM credit_grant").map(
        (grant) => [grant.idem, grant.amount],
      ),
    );
    if (stored.get(null) !== this.#initialGrant) this.violated("the initial grant is not there once");
    for (const [id, { amount, acknowledged }] of this.#grants) {
      const found = stored.get(id);
      if (acknowledged && found !== amount) this.violated(`grant ${id} of ${amount} was acknowledged and is ${found}`);
    }
  }

  /** Notes what is wrong, once. */
  violated(what: string): void {
    if (this.violations.length < violationsMax && !this.violations.includes(what)) this.violations.push(what);
  }
}

function storedHolds(path: string): Map<string, StoredHold> {
  return new Map(query<StoredHold>(path, "SELECT * FROM hold").map((hold) => [hold.id, hold]));
}
