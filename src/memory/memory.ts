import type { Caller, CallOptions } from "../core/caller.ts";
import type { Clock, Rng } from "../core/clock.ts";
import { SwitchyardError } from "../core/errors.ts";
import { memoryLimits } from "../core/limits.ts";
import { isBusy } from "../store/sqlite.ts";
import { allowedProfile } from "./access.ts";
import type { ForgetArgs, ListArgs, RecallArgs, RememberArgs } from "./arguments.ts";
import { readCursor } from "./cursor.ts";
import { forgetMemories, planForget } from "./forget.ts";
import { parseInstant } from "./instant.ts";
import { listMemories } from "./list.ts";
import { checkText, invalid, newMemories } from "./new-memory.ts";
import { type ProfileAddress, Profiles } from "./profiles.ts";
import { readQuestion } from "./recall/question.ts";
import { recallFrom, withinTokens } from "./recall/recall.ts";
import { readScope } from "./recall/scope.ts";
import { rememberAll } from "./remember.ts";
import type { ForgetResult, ListResult, RecalledMemory, RecallResult, RememberResult } from "./results.ts";
import { markForScrub, needsScrub, scrub } from "./scrub.ts";
import { type Analyzer, createAnalyzer } from "./text/analyzer.ts";

/** What an agent remembers, by workspace and profile. Every verb checks the caller's rights first. */
export interface Memory {
  /** Stores memories durably. The same memory again is a `duplicate`; a new one under a key supersedes the old. */
  remember(args: RememberArgs, caller: Caller, options?: CallOptions): Promise<RememberResult>;
  /** Finds memories that answer a query, best first. */
  recall(args: RecallArgs, caller: Caller, options?: CallOptions): Promise<RecallResult>;
  /** Retracts memories, keeping their history, or erases them to the last byte. */
  forget(args: ForgetArgs, caller: Caller, options?: CallOptions): Promise<ForgetResult>;
  /** Pages through memories, newest first. */
  list(args: ListArgs, caller: Caller, options?: CallOptions): Promise<ListResult>;
  close(): Promise<void>;
}

export interface MemoryOptions {
  /** Holds one directory for each workspace. */
  readonly directory: string;
  readonly clock: Clock;
  readonly rng: Rng;
}

export function openMemory(options: MemoryOptions): Memory {
  return new SqliteMemory(options);
}

class SqliteMemory implements Memory {
  readonly #clock: Clock;
  readonly #profiles: Profiles;
  readonly #analyzer: Analyzer = createAnalyzer(memoryLimits.cachedWordsMax);

  constructor({ directory, clock, rng }: MemoryOptions) {
    this.#clock = clock;
    this.#profiles = new Profiles(directory, clock, rng);
  }

  async remember(args: RememberArgs, caller: Caller, options: CallOptions = {}): Promise<RememberResult> {
    const address = allowedProfile(caller, "write", args.profile);
    const memories = newMemories(args);
    const remembered = await this.#profiles.write(
      address,
      (profile) => rememberAll(profile, this.#analyzer, memories, { key: caller.key, now: this.#clock.now() }),
      options.signal,
    );
    const session = args.messages === undefined ? null : (memories[0]?.session ?? null);
    return { memories: remembered, ...(session !== null && { session }) };
  }

  async recall(args: RecallArgs, caller: Caller, options: CallOptions = {}): Promise<RecallResult> {
    const addresses = recallAddresses(args, caller);
    checkQuery(args.query);
    const limit = bounded("limit", args.limit ?? memoryLimits.recallLimitDefault, memoryLimits.recallLimitMax);
    const neighbours = bounded("neighbours", args.neighbours ?? 0, memoryLimits.neighboursMax);
    const now = this.#clock.now();
    const scope = readScope(args, now);
    const reference =
      args.reference_date === undefined ? (scope.asOf ?? now) : parseInstant(args.reference_date, "reference_date");
    const question = readQuestion(args.query, reference, this.#analyzer);
    const found: RecalledMemory[] = [];
    for (const address of addresses) {
      const shape = { limit, neighbours };
      const answer = await this.#profiles.read(
        address,
        (profile) => recallFrom(profile, address.profile, question, scope, this.#analyzer, shape),
        options.signal,
      );
      found.push(...(answer ?? []));
    }
    if (addresses.length > 1) found.sort((a, b) => b.score - a.score);
    return { memories: withinTokens(found.slice(0, limit), args.max_tokens) };
  }

  async forget(args: ForgetArgs, caller: Caller, options: CallOptions = {}): Promise<ForgetResult> {
    const address = allowedProfile(caller, "write", args.profile);
    const plan = planForget(args);
    if (!this.#profiles.exists(address)) return { count: 0, ids: [], mode: plan.mode, dry_run: plan.dryRun };
    const { signal } = options;
    const result = await this.#profiles.write(
      address,
      (profile) => {
        const forgotten = forgetMemories(profile, this.#analyzer, plan, this.#clock.now());
        if (plan.mode === "erase" && !plan.dryRun) markForScrub(profile);
        return forgotten;
      },
      signal,
    );
    if (plan.mode === "erase" && !plan.dryRun) await this.#scrub(address);
    return result;
  }

  async list(args: ListArgs, caller: Caller, options: CallOptions = {}): Promise<ListResult> {
    const address = allowedProfile(caller, "read", args.profile);
    readCursor(args.cursor);
    const now = this.#clock.now();
    const page = await this.#profiles.read(
      address,
      (profile) => listMemories(profile, address.profile, args, now),
      options.signal,
    );
    return page ?? { memories: [] };
  }

  close(): Promise<void> {
    return this.#profiles.close();
  }

  /** Not cancellable: the rows are gone, and their bytes must follow. */
  async #scrub(address: ProfileAddress): Promise<void> {
    const giveUpAt = this.#clock.monotonicMs() + memoryLimits.lockWaitMs;
    while (this.#clock.monotonicMs() < giveUpAt) {
      const done = await this.#profiles.read(address, (profile) => {
        try {
          return !needsScrub(profile) || scrub(profile);
        } catch (error) {
          if (isBusy(error)) return false;
          throw error;
        }
      });
      if (done !== false) return;
      await this.#clock.sleep(20);
    }
    throw new SwitchyardError("unavailable", "the memories are erased, but other processes keep the file busy", {
      next: "Call forget again with the same arguments to remove the last traces from the file",
      retryable: true,
      details: { profile: address.profile },
    });
  }
}

function recallAddresses(args: RecallArgs, caller: Caller): ProfileAddress[] {
  const names = args.profiles ?? [args.profile];
  if (args.profiles !== undefined && args.profile !== undefined) {
    throw invalid("profiles", "both profile and profiles are given", "Give one of the two");
  }
  bounded("profiles", names.length, memoryLimits.profilesPerRecallMax);
  const addresses = names.map((name) => allowedProfile(caller, "read", name));
  return [...new Map(addresses.map((address) => [address.profile, address])).values()];
}

function checkQuery(query: string): void {
  if (query.trim() === "") throw invalid("query", "the query is empty", "Ask in a few words, or use memory.list");
  checkText(query.toWellFormed().replaceAll("\0", " "), "query", memoryLimits.queryCharactersMax);
}

function bounded(field: string, value: number, max: number): number {
  if (value <= max) return value;
  throw invalid(field, `${field} is ${value}, more than ${max}`, `Give at most ${max}`);
}
