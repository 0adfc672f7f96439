import { writeSync } from "node:fs";
import { createInterface } from "node:readline";
import { type Caller, localCaller } from "../../../src/core/caller.ts";
import { systemClock, systemRng } from "../../../src/core/clock.ts";
import { toErrorFacts } from "../../../src/core/errors.ts";
import { type Ledger, ledgerOver } from "../../../src/credits/ledger.ts";
import type { LostHold } from "../../../src/credits/recovery.ts";
import { type BankFault, openFaultyBook } from "./faults.ts";
import type { BankCall } from "./provider.ts";

/** One server of the bank: takes requests as lines on stdin, draws on the ledger, calls the provider, answers on stdout. */
export interface BankProcessOptions {
  readonly path: string;
  readonly providerUrl: string;
  readonly leaseMs: number;
  readonly fault?: BankFault | undefined;
}

export type BankRequest =
  | {
      readonly id: string;
      readonly do: "infer";
      readonly key: string;
      readonly worst: string;
      readonly session: string | null;
    }
  | { readonly id: string; readonly do: "grant"; readonly amount: string };

export type BankAnswer =
  | { readonly id: string; readonly settled: string; readonly hold: string }
  | { readonly id: string; readonly granted: true }
  /** Refused, or failed without a charge: the client need not ask again. */
  | { readonly id: string; readonly over: string }
  /** Another try of the same request is at work. */
  | { readonly id: string; readonly busy: true };

/** What every session of a key may spend. */
export const sessionLimit = 400_000n;
const recoverEveryMs = 250;

const options = JSON.parse(process.argv[2] ?? "{}") as BankProcessOptions;
const ledger = ledgerOver(openFaultyBook(options.path, options.fault), {
  clock: systemClock,
  rng: systemRng,
  background: false,
  lookUpCost,
});
const say = (answer: BankAnswer | { readonly ready: true }) => writeSync(1, `${JSON.stringify(answer)}\n`);

if (options.fault !== "no-expiry")
  setInterval(() => void ledger.recover().catch(() => undefined), recoverEveryMs).unref();
createInterface({ input: process.stdin }).on("line", (line) => {
  const request = JSON.parse(line) as BankRequest;
  void answer(ledger, request)
    .catch((error: unknown): BankAnswer => ({ id: request.id, over: `failed: ${toErrorFacts(error).code}` }))
    .then(say);
});
say({ ready: true });

async function answer(ledger: Ledger, request: BankRequest): Promise<BankAnswer> {
  const { id } = request;
  if (request.do === "grant") {
    await ledger.grant({ amount: BigInt(request.amount), idempotencyKey: id });
    return { id, granted: true };
  }
  const sentAtOnce = systemRng.fraction() < 0.5;
  const hold = await ledger.reserve({
    caller: { ...localCaller, key: request.key } satisfies Caller,
    amount: BigInt(request.worst),
    charge: { tool: "infer", provider: "bank", model: `bank/${request.key}` },
    idempotencyKey: options.fault === "no-idempotency" ? undefined : id,
    requestHash: id,
    budget: request.session === null ? undefined : { scope: request.session, limit: sessionLimit },
    leaseMs: options.leaseMs,
    dispatched: sentAtOnce,
  });
  if (hold.replayed) return hold.state === "held" ? { id, busy: true } : { id, over: hold.state };
  if (!sentAtOnce) await ledger.dispatch(hold.id);
  const cost = await callProvider({ call: hold.id, request: id, worst: request.worst });
  if (cost === undefined) {
    await ledger.release(hold.id, "the provider failed");
    return { id, over: "provider" };
  }
  const { actual } = await ledger.settle(hold.id, { actual: cost });
  return { id, settled: actual.toString(), hold: hold.id };
}

/** What the call cost; undefined when the provider says that it failed and costs nothing. */
async function callProvider(call: BankCall): Promise<bigint | undefined> {
  try {
    const response = await fetch(options.providerUrl, { method: "POST", body: JSON.stringify(call) });
    return response.ok ? BigInt(await response.text()) : undefined;
  } catch {
    // The answer was cut off. What it cost is known to the provider.
    return await askCost(call.call);
  }
}

async function lookUpCost(hold: LostHold): Promise<{ actual: bigint } | undefined> {
  const actual = await askCost(hold.id);
  return actual === undefined ? undefined : { actual };
}

async function askCost(call: string): Promise<bigint | undefined> {
  const response = await fetch(`${options.providerUrl}/?call=${call}`);
  return response.ok ? BigInt(await response.text()) : undefined;
}
