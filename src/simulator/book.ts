import { simulatorLimits } from "../core/limits.ts";
import type { Usage } from "../core/usage.ts";
import type { FaultKind } from "./faults/fault.ts";

export type Outcome =
  | "running"
  /** Answered in full. */
  | "succeeded"
  /** The provider refused the request: 4xx. */
  | "refused"
  /** The provider failed by a fault: 429, 5xx, no answer, an error event. */
  | "failed"
  /** The answer was broken off by a fault. */
  | "cut"
  /** The client closed the connection before the answer's end. */
  | "client_gone";

/** One request as the provider saw it. */
interface BookEntry {
  readonly sequence: number;
  readonly provider: string;
  readonly model: string | null;
  readonly method: string;
  readonly path: string;
  readonly requestId: string;
  readonly clientRequestId: string | null;
  readonly idempotencyKey: string | null;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly status: number | null;
  readonly fault: FaultKind | null;
  readonly outcome: Outcome;
  readonly streamed: boolean;
  readonly eventsSent: number;
  /** What the provider charges for. Empty when nothing. */
  readonly billed: Usage;
}

interface Totals {
  readonly requests: number;
  readonly succeeded: number;
  readonly refused: number;
  readonly failed: number;
  readonly cut: number;
  readonly clientGone: number;
  readonly billed: Usage;
  /** The most requests that were under way at one time. */
  readonly concurrentMax: number;
}

/** The provider's own account of what it was asked and what it charges for. */
export interface Book {
  /** The last requests, oldest first. */
  readonly entries: readonly BookEntry[];
  /** Of one provider, or of all. */
  totals(provider?: string): Totals;
  /** The last request bodies, oldest first; JSON where it is JSON, else the bytes. */
  bodies(provider?: string): readonly unknown[];
  /** Resolves when no request is under way. */
  idle(): Promise<void>;
  clear(): void;
}

export type OpenEntry = { -readonly [Key in keyof BookEntry]: BookEntry[Key] };

/** The book with the side that the simulator writes. */
export interface BookWriter extends Book {
  open(entry: OpenEntry, body: Buffer): void;
  close(entry: OpenEntry): void;
}

const all = "";
const countOf = {
  succeeded: "succeeded",
  refused: "refused",
  failed: "failed",
  cut: "cut",
  client_gone: "clientGone",
} as const;

interface Account {
  requests: number;
  succeeded: number;
  refused: number;
  failed: number;
  cut: number;
  clientGone: number;
  billed: Record<string, number>;
  costNanoUsd: bigint;
  running: number;
  concurrentMax: number;
}

export function book(): BookWriter {
  let entries: OpenEntry[] = [];
  let bodies: { provider: string; body: Buffer }[] = [];
  const accounts = new Map<string, Account>();
  let waiting: (() => void)[] = [];

  const accountsOf = (provider: string) => [accountOf(accounts, all), accountOf(accounts, provider)];

  return {
    get entries() {
      return entries;
    },
    open(entry, body) {
      entries.push(entry);
      // Dropped in batches: shifting one by one would copy the list for every request.
      if (entries.length > simulatorLimits.bookEntriesMax * 1.1)
        entries = entries.slice(-simulatorLimits.bookEntriesMax);
      if (body.length > 0 && body.length <= simulatorLimits.bookBodyBytesMax) {
        bodies.push({ provider: entry.provider, body });
        if (bodies.length > simulatorLimits.bookBodiesMax) bodies.shift();
      }
      for (const account of accountsOf(entry.provider)) {
        account.requests += 1;
        account.running += 1;
        account.concurrentMax = Math.max(account.concurrentMax, account.running);
      }
    },
    close(entry) {
      for (const account of accountsOf(entry.provider)) {
        account.running -= 1;
        if (entry.outcome !== "running") account[countOf[entry.outcome]] += 1;
        for (const [unit, amount] of Object.entries(entry.billed)) {
          if (typeof amount === "bigint") account.costNanoUsd += amount;
          else account.billed[unit] = (account.billed[unit] ?? 0) + amount;
        }
      }
      if (accountOf(accounts, all).running === 0) {
        for (const resolve of waiting) resolve();
        waiting = [];
      }
    },
    totals(provider = all) {
      const { running: _running, billed, costNanoUsd, ...totals } = accountOf(accounts, provider);
      const cost = costNanoUsd === 0n ? {} : { providerCostNanoUsd: costNanoUsd };
      return { ...totals, billed: { ...billed, ...cost } };
    },
    bodies(provider) {
      return bodies
        .filter((kept) => provider === undefined || kept.provider === provider)
        .map(({ body }) => {
          try {
            return JSON.parse(body.toString("utf8")) as unknown;
          } catch {
            return body;
          }
        });
    },
    idle() {
      if (accountOf(accounts, all).running === 0) return Promise.resolve();
      return new Promise((resolve) => waiting.push(resolve));
    },
    clear() {
      entries = [];
      bodies = [];
      for (const account of accounts.values()) {
        const { running } = account;
        Object.assign(account, freshAccount(), { running, concurrentMax: running });
      }
    },
  };
}

function accountOf(accounts: Map<string, Account>, provider: string): Account {
  let account = accounts.get(provider);
  if (!account) {
    account = freshAccount();
    accounts.set(provider, account);
  }
  return account;
}

function freshAccount(): Account {
  return {
    requests: 0,
    succeeded: 0,
    refused: 0,
    failed: 0,
    cut: 0,
    clientGone: 0,
    billed: {},
    costNanoUsd: 0n,
    running: 0,
    concurrentMax: 0,
  };
}
