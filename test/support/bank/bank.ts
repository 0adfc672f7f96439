import { join } from "node:path";
import type { Rng } from "../../../src/core/clock.ts";
import { systemRng } from "../../../src/core/clock.ts";
import { type Ledger, openLedger } from "../../../src/credits/ledger.ts";
import { handClock } from "../hand-clock.ts";
import { startWorker, type Worker } from "../processes.ts";
import type { BankAnswer, BankProcessOptions, BankRequest } from "./bank-process.ts";
import { BankChecks } from "./checks.ts";
import type { BankFault } from "./faults.ts";
import { type BankProvider, startBankProvider } from "./provider.ts";

export interface BankOptions {
  readonly directory: string;
  readonly processes: number;
  readonly seconds: number;
  readonly kills: number;
  /** How often a server is stopped for longer than a lease, as a laptop that sleeps. */
  readonly stops: number;
  readonly leaseMs: number;
  /** How long after its lease a hold may still be there, on a busy machine, before that is a violation. */
  readonly slackMs: number;
  /** Ends as soon as something is wrong. */
  readonly untilViolated?: boolean;
  readonly fault?: BankFault | undefined;
  /** Random choices of the clients and of the provider. */
  readonly rng: Rng;
}

export interface BankReport {
  readonly violations: readonly string[];
  readonly settled: number;
  readonly over: number;
  readonly kills: number;
  readonly stops: number;
}

interface Asked {
  readonly request: BankRequest;
  /** Which server has it now. */
  server: number;
}

const requestsPerServer = 4;
const keys = ["key_a", "key_b", "key_c"];
/** Per second, less than the clients would spend: the end of the pool and of budgets is met again and again, never for good. */
const rates = { initialGrant: 100_000, grantMax: 120_000, keyTotal: 200_000, keyRolling: 150_000, poolDay: 700_000 };
const pauseMs = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/**
 * Clients, servers that are killed and stopped at random, one ledger and a provider with its own book. At the end nothing
 * may be missing and nothing counted twice. Answers with everything that is wrong.
 */
export async function runBank(options: BankOptions): Promise<BankReport> {
  const path = join(options.directory, "ledger.db");
  const provider = await startBankProvider(options.rng);
  const initialGrant = BigInt(rates.initialGrant * options.seconds);
  const owner = openLedger({ path, clock: handClock(Date.now()), rng: systemRng, initialGrant, background: false });
  await setBudgets(owner, options.seconds);
  const checks = new BankChecks(path, provider.book, { initialGrant, slackMs: options.slackMs });
  const bank = new Bank(options, path, provider, checks);
  try {
    await bank.run();
    await owner.close();
    await closeBooks(path, provider).catch((error: unknown) => checks.violated(`the books cannot be closed: ${error}`));
    checks.atTheEnd();
  } finally {
    await bank.stop();
    await provider.close();
  }
  return { ...bank.counts, violations: checks.violations };
}

async function setBudgets(ledger: Ledger, seconds: number): Promise<void> {
  await ledger.admin.setBudget({ scope: "key:key_a", window: "total", limit: BigInt(rates.keyTotal * seconds) });
  await ledger.admin.setBudget({ scope: "key:key_b", window: "5h", limit: BigInt(rates.keyRolling * seconds) });
  await ledger.admin.setBudget({
    scope: "pool",
    window: "day",
    limit: BigInt(rates.poolDay * seconds),
    filter: { model: "bank/*" },
  });
}

/** What the owner does the morning after: every lease is over, and every guess is compared with the provider's book. */
async function closeBooks(path: string, provider: BankProvider): Promise<void> {
  const ledger = openLedger({ path, clock: handClock(Date.now() + 3_600_000), rng: systemRng, background: false });
  await ledger.recover();
  for (const { id } of await ledger.admin.unreconciled()) {
    await ledger.admin.reconcile(id, provider.book.get(id)?.amount ?? 0n);
  }
  await ledger.close();
}

class Bank {
  readonly counts = { settled: 0, over: 0, kills: 0, stops: 0 };
  readonly #options: BankOptions;
  readonly #process: BankProcessOptions;
  readonly #checks: BankChecks;
  readonly #servers: Worker[] = [];
  readonly #open = new Map<string, Asked>();
  #requests = 0;
  #isOver = false;

  constructor(options: BankOptions, path: string, provider: BankProvider, checks: BankChecks) {
    this.#options = options;
    const { leaseMs, fault } = options;
    this.#process = { path, providerUrl: provider.url, leaseMs, fault };
    this.#checks = checks;
  }

  async run(): Promise<void> {
    const { processes, kills, seconds, stops, leaseMs, rng } = this.#options;
    for (let index = 0; index < processes; index++) await this.#start(index);
    const endsAt = Date.now() + seconds * 1_000;
    const watch = setInterval(() => this.#checks.now(), 100);
    for (let index = 0; index < processes * requestsPerServer; index++) this.#ask(index % processes);
    const events = [...Array<"kill">(kills).fill("kill"), ...Array<"stop">(stops).fill("stop")];
    const isFound = () => this.#options.untilViolated === true && this.#checks.violations.length > 0;
    for (const [done, event] of shuffled(events, rng).entries()) {
      if (isFound()) break;
      const leftMs = endsAt - Date.now();
      await pauseMs((Math.max(0, leftMs) * 2 * rng.fraction()) / (events.length - done + 1));
      const index = Math.floor(rng.fraction() * processes);
      if (event === "kill") await this.#kill(index);
      else await this.#stopAWhile(index);
    }
    while (Date.now() < endsAt && !isFound()) await pauseMs(20);
    this.#isOver = true;
    if (!isFound()) await this.#checks.untilLeasesAreOver(leaseMs);
    clearInterval(watch);
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#servers.map((server) => server.kill()));
  }

  async #start(index: number): Promise<void> {
    const server = startWorker(new URL("./bank-process.ts", import.meta.url), this.#process, {
      onLine: (line) => this.#answered(index, line as BankAnswer),
    });
    this.#servers[index] = server;
    await server.until((line) => "ready" in (line as object));
  }

  /** Kills a server, half of the time just as it has acknowledged something, and gives what it was asked to another. */
  async #kill(index: number): Promise<void> {
    const { rng } = this.#options;
    const server = this.#servers[index];
    if (rng.fraction() < 0.5) await Promise.race([server?.until(fromNow(server, isSettled)), pauseMs(1_000)]);
    await server?.kill();
    this.counts.kills++;
    this.#checks.afterDeath();
    const orphans = [...this.#open.values()].filter((asked) => asked.server === index);
    await this.#start(index);
    for (const asked of orphans) this.#send(asked, Math.floor(rng.fraction() * this.#servers.length));
  }

  async #stopAWhile(index: number): Promise<void> {
    this.#servers[index]?.process.kill("SIGSTOP");
    this.counts.stops++;
    await pauseMs(this.#options.leaseMs * 1.5);
    this.#servers[index]?.process.kill("SIGCONT");
  }

  #ask(server: number): void {
    const { rng } = this.#options;
    const id = `request-${this.#requests++}`;
    const key = keys[Math.floor(rng.fraction() * keys.length)] ?? "key_a";
    const request: BankRequest =
      rng.fraction() < 0.05
        ? { id, do: "grant", amount: String(1 + Math.floor(rng.fraction() * rates.grantMax)) }
        : {
            id,
            do: "infer",
            key,
            worst: String(1 + Math.floor(rng.fraction() * 20_000)),
            session: rng.fraction() < 0.5 ? `session ${Math.floor((rng.fraction() * this.#requests) / 50)}` : null,
          };
    this.#checks.asked(request);
    this.#send({ request, server }, server);
  }

  #send(asked: Asked, server: number): void {
    asked.server = server;
    this.#open.set(asked.request.id, asked);
    this.#servers[server]?.send(asked.request);
  }

  #answered(server: number, answer: BankAnswer): void {
    const asked = "id" in answer ? this.#open.get(answer.id) : undefined;
    if (!asked) return;
    if ("busy" in answer) {
      setTimeout(() => this.#send(asked, server), this.#options.leaseMs / 10);
      return;
    }
    this.#checks.answered(answer);
    if ("settled" in answer) this.counts.settled++;
    if ("over" in answer) this.counts.over++;
    this.#open.delete(answer.id);
    // A refusal comes fast; asking again at once would be all that the servers do.
    if (!this.#isOver) setTimeout(() => this.#ask(server), "over" in answer ? 20 : 0);
  }
}

const isSettled = (line: unknown) => "settled" in (line as object);

/** Satisfied by what satisfies `test` among the lines that are still to come. */
function fromNow(worker: Worker, test: (line: unknown) => boolean): (line: unknown) => boolean {
  const old = new Set(worker.lines);
  return (line) => !old.has(line) && test(line);
}

function shuffled<T>(values: readonly T[], rng: Rng): T[] {
  return values
    .map((value) => ({ value, order: rng.fraction() }))
    .sort((left, right) => left.order - right.order)
    .map(({ value }) => value);
}
