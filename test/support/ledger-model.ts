/**
 * The books as a careful person would keep them on paper: purses with dates, promises, and what was paid from which purse.
 * It has no transactions, no files and no SQL, and it is what the ledger is compared with.
 */
export interface Purse {
  left: bigint;
  readonly expiresAt: number;
  expired: boolean;
  used: bigint;
  /** Debts paid from it. */
  covered: bigint;
  coveredAt: number;
}

export type PromiseState = "held" | "settled" | "released" | "expired";

export interface PaperHold {
  readonly id: string;
  readonly idem: string;
  readonly who: number;
  readonly session: boolean;
  readonly amount: bigint;
  readonly day: number;
  readonly shares: readonly Share[];
  readonly payers: Map<Purse | null, { amount: bigint; at: number }>;
  expiresAt: number;
  sent: boolean;
  progress: bigint;
  state: PromiseState;
  guessed: boolean;
  actual: bigint;
  refunded: bigint;
}

interface Share {
  readonly purse: Purse;
  readonly amount: bigint;
}

interface Counted {
  held: bigint;
  spent: bigint;
}

export const paperLimits = { session: 40n, keyDay: 50n, leaseMs: 900_000 } as const;
/** The caller whose key has a budget of a day. */
export const limitedCaller = 1;

const dayMs = 86_400_000;

function least(left: bigint, right: bigint): bigint {
  if (left < right) return left;
  return right;
}

export class PaperBooks {
  now: number;
  granted = 0n;
  held = 0n;
  spent = 0n;
  expired = 0n;
  debt = 0n;
  readonly purses: Purse[] = [];
  readonly holds: PaperHold[] = [];
  readonly counted = new Map<string, Counted>();
  /** Orders what happens, as the ledger's entries do. */
  private step = 0;

  constructor(now: number) {
    this.now = now;
  }

  get available(): bigint {
    return this.granted - this.held - this.spent - this.expired;
  }

  grant(amount: bigint, lifeMs: number | undefined): void {
    const expiresAt = lifeMs === undefined ? Number.POSITIVE_INFINITY : this.now + lifeMs;
    this.purses.push({ left: amount, expiresAt, expired: false, used: 0n, covered: 0n, coveredAt: 0 });
    this.granted += amount;
    this.pass();
    this.cover();
  }

  /** What passes with time: purses past their date lose what is free in them. */
  pass(): void {
    for (const purse of this.purses) {
      if (purse.expired || purse.expiresAt > this.now) continue;
      purse.expired = true;
      this.expired += purse.left;
      purse.left = 0n;
    }
  }

  /** How much can be promised: the refusal, or the amount. */
  fit(
    who: number,
    session: boolean,
    amount: bigint,
    atLeast: bigint,
  ): bigint | "budget_exceeded" | "insufficient_credits" {
    let fitting = amount;
    for (const [name, limit] of this.budgets(who, session, Math.floor(this.now / dayMs))) {
      const { held, spent } = this.count(name);
      const left = limit - held - spent;
      if (fitting === 0n || fitting <= left) continue;
      if (left < atLeast || left <= 0n) return "budget_exceeded";
      fitting = left;
    }
    const free = this.purses.reduce((sum, purse) => sum + purse.left, 0n);
    if (fitting > 0n && (least(fitting, free) < atLeast || free === 0n)) return "insufficient_credits";
    return least(fitting, free);
  }

  promise(hold: Pick<PaperHold, "id" | "idem" | "who" | "session" | "amount" | "sent">): void {
    const day = Math.floor(this.now / dayMs);
    const shares = this.take(hold.amount);
    this.holds.push({
      ...hold,
      day,
      shares,
      payers: new Map(),
      expiresAt: this.now + paperLimits.leaseMs,
      progress: 0n,
      state: "held",
      guessed: false,
      actual: 0n,
      refunded: 0n,
    });
    this.held += hold.amount;
    for (const [name] of this.budgets(hold.who, hold.session, day)) this.count(name).held += hold.amount;
  }

  end(hold: PaperHold, state: PromiseState, actual: bigint, guessed = false): void {
    this.pass();
    let unpaid = actual;
    this.held -= hold.amount;
    for (const { purse, amount } of hold.shares) {
      const used = least(unpaid, amount);
      unpaid -= used;
      this.pay(hold, purse, used);
      this.putBack(purse, amount - used);
    }
    this.payUnpromised(hold, unpaid);
    for (const [name] of this.budgets(hold.who, hold.session, hold.day)) {
      this.count(name).held -= hold.amount;
      this.count(name).spent += actual;
    }
    this.spent += actual;
    this.cover();
    Object.assign(hold, { state, actual, guessed });
  }

  /** Replaces the guess that a hold ran out with. */
  correct(hold: PaperHold, state: PromiseState, actual: bigint): void {
    this.pass();
    const more = actual - (hold.actual - hold.refunded);
    if (more >= 0n) {
      this.payUnpromised(hold, more);
      this.spent += more;
    } else this.giveBack(hold, -more);
    for (const [name] of this.budgets(hold.who, hold.session, hold.day)) this.count(name).spent += more;
    Object.assign(hold, { state, actual, guessed: false, refunded: 0n });
  }

  refund(hold: PaperHold, amount: bigint): void {
    this.giveBack(hold, amount);
    for (const [name] of this.budgets(hold.who, hold.session, hold.day)) this.count(name).spent -= amount;
    hold.refunded += amount;
  }

  /** Last payer first; what nobody paid is struck from the debt, or goes to who has covered it since. */
  private giveBack(hold: PaperHold, amount: bigint): void {
    this.pass();
    this.spent -= amount;
    let missing = amount;
    const back = (purse: Purse, most: bigint) => {
      const part = least(missing, most);
      if (part <= 0n) return;
      this.putBack(purse, part);
      purse.used -= part;
      const paid = hold.payers.get(purse) ?? { amount: 0n, at: 0 };
      hold.payers.set(purse, { amount: paid.amount - part, at: ++this.step });
      missing -= part;
    };
    const payers = [...hold.payers].sort(([, left], [, right]) => right.at - left.at);
    for (const [purse, paid] of payers) if (purse) back(purse, paid.amount);
    const struck = least(missing, this.debt);
    this.debt -= struck;
    missing -= struck;
    const covering = this.purses.filter((purse) => purse.covered > 0n);
    for (const purse of covering.sort((left, right) => right.coveredAt - left.coveredAt))
      back(purse, least(purse.used, purse.covered));
    this.cover();
  }

  private payUnpromised(hold: PaperHold, amount: bigint): void {
    let unpaid = amount;
    for (const { purse, amount: part } of this.take(amount)) {
      this.pay(hold, purse, part);
      unpaid -= part;
    }
    this.debt += unpaid;
  }

  private pay(hold: PaperHold, purse: Purse, amount: bigint): void {
    if (amount === 0n) return;
    purse.used += amount;
    const paid = hold.payers.get(purse)?.amount ?? 0n;
    hold.payers.set(purse, { amount: paid + amount, at: ++this.step });
  }

  private putBack(purse: Purse, amount: bigint): void {
    if (purse.expired) this.expired += amount;
    else purse.left += amount;
  }

  private cover(): void {
    for (const { purse, amount } of this.debt > 0n ? this.take(this.debt) : []) {
      this.debt -= amount;
      purse.covered += amount;
      purse.used += amount;
      purse.coveredAt = ++this.step;
    }
  }

  private take(amount: bigint): Share[] {
    const shares: Share[] = [];
    let missing = amount;
    const inOrder = [...this.purses].sort((left, right) =>
      left.expiresAt < right.expiresAt ? -1 : left.expiresAt > right.expiresAt ? 1 : 0,
    );
    for (const purse of inOrder) {
      const part = least(missing, purse.left);
      if (part === 0n) continue;
      purse.left -= part;
      missing -= part;
      shares.push({ purse, amount: part });
    }
    return shares;
  }

  private budgets(who: number, session: boolean, day: number): [string, bigint][] {
    const budgets: [string, bigint][] = [];
    if (who === limitedCaller) budgets.push([`day ${day}`, paperLimits.keyDay]);
    if (session) budgets.push([`session ${who}`, paperLimits.session]);
    return budgets;
  }

  private count(name: string): Counted {
    const known = this.counted.get(name) ?? { held: 0n, spent: 0n };
    this.counted.set(name, known);
    return known;
  }
}
