import type { Caller, CallOptions } from "../core/caller.ts";
import type { Clock, Rng } from "../core/clock.ts";
import { SwitchyardError } from "../core/errors.ts";
import { memoryLimits } from "../core/limits.ts";
import { allowedProfile } from "./access.ts";
import type { ForgetArgs, ListArgs, RecallArgs, RememberArgs } from "./arguments.ts";
import { Background } from "./background.ts";
import { readCursor } from "./cursor.ts";
import { chooseMemories, erase, eraseAll, retract } from "./forget.ts";
import { planForget } from "./forget-plan.ts";
import { importRows } from "./import.ts";
import { importLines, rowsAfter } from "./import-lines.ts";
import { parseInstant } from "./instant.ts";
import { listMemories } from "./list.ts";
import { checkText, invalid, newMemories } from "./new-memory.ts";
import { toHeader, toLine } from "./portable.ts";
import type { ProfileDatabase } from "./profile-database.ts";
import { type ProfileAddress, Profiles } from "./profiles.ts";
import { readQuestion } from "./recall/question.ts";
import { recallFrom, withinTokens } from "./recall/recall.ts";
import { readScope } from "./recall/scope.ts";
import { rememberAll } from "./remember.ts";
import type {
  ForgetResult,
  ImportResult,
  ListResult,
  RecalledMemory,
  RecallResult,
  RememberResult,
} from "./results.ts";
import { needsScrub, scrub } from "./scrub.ts";
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
  /** A profile as lines of JSON, history included, a header first. @throws not_found when nobody wrote to it. */
  exportProfile(profile: string | undefined, caller: Caller, options?: CallOptions): AsyncIterable<string>;
  /**
   * Stores lines that `exportProfile` gave, or the MCP reference memory server's file. What is there already is left
   * alone, so an import can be repeated.
   */
  importProfile(
    profile: string | undefined,
    lines: AsyncIterable<string> | Iterable<string>,
    caller: Caller,
    options?: CallOptions,
  ): Promise<ImportResult>;
  close(): Promise<void>;
}

export interface MemoryOptions {
  /** Holds one directory for each workspace. */
  readonly directory: string;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Told of errors in work that no caller waits for. */
  readonly onBackgroundError?: ((error: unknown) => void) | undefined;
}

export function openMemory(options: MemoryOptions): Memory {
  return new SqliteMemory(options);
}

class SqliteMemory implements Memory {
  readonly #clock: Clock;
  readonly #background: Background;
  readonly #profiles: Profiles;
  readonly #analyzer: Analyzer = createAnalyzer(memoryLimits.cachedWordsMax);

  constructor({ directory, clock, rng, onBackgroundError = () => {} }: MemoryOptions) {
    this.#clock = clock;
    this.#background = new Background(onBackgroundError);
    this.#profiles = new Profiles(directory, clock, rng, (address, profile) => this.#opened(address, profile));
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
    const { signal } = options;
    const chosen = await this.#profiles.read(address, (profile) => chooseMemories(profile, plan), signal);
    if (chosen === undefined) return { count: 0, ids: [], mode: plan.mode, dry_run: plan.dryRun };
    if (plan.dryRun) return chosen.result;
    if (plan.mode === "erase" && plan.isAll) await this.#profiles.write(address, eraseAll, signal);
    else await this.#forgetInParts(address, plan.mode, chosen.numbers, signal);
    if (plan.mode === "erase") await this.#scrub(address);
    return chosen.result;
  }

  /** Many rows take several transactions, so that the event loop and other writers come between. */
  async #forgetInParts(
    address: ProfileAddress,
    mode: "retract" | "erase",
    numbers: readonly number[],
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const { forgetRowsPerCommitMax } = memoryLimits;
    for (let from = 0; from < numbers.length; from += forgetRowsPerCommitMax) {
      const part = numbers.slice(from, from + forgetRowsPerCommitMax);
      await this.#profiles.write(
        address,
        (profile) => {
          if (mode === "retract") retract(profile, this.#analyzer, part, this.#clock.now());
          else erase(profile, this.#analyzer, part);
        },
        signal,
      );
    }
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

  async *exportProfile(name: string | undefined, caller: Caller, options: CallOptions = {}): AsyncIterable<string> {
    const address = allowedProfile(caller, "read", name);
    if (!this.#profiles.exists(address)) throw unknownProfile(address.profile);
    yield toHeader(address.profile, this.#clock.now());
    for (let after = 0; ; ) {
      const rows = await this.#profiles.read(address, (profile) => rowsAfter(profile, after), options.signal);
      for (const row of rows ?? []) yield toLine(row);
      const last = rows?.at(-1);
      if (last === undefined) return;
      after = last.n;
    }
  }

  async importProfile(
    name: string | undefined,
    lines: AsyncIterable<string> | Iterable<string>,
    caller: Caller,
    options: CallOptions = {},
  ): Promise<ImportResult> {
    const address = allowedProfile(caller, "write", name);
    const now = this.#clock.now();
    return importLines(lines, now, (rows) =>
      this.#profiles.write(address, (profile) => importRows(profile, this.#analyzer, rows), options.signal),
    );
  }

  async close(): Promise<void> {
    await this.#background.close();
    await this.#profiles.close();
  }

  /** Not cancellable: the rows are gone, and their bytes must follow. */
  async #scrub(address: ProfileAddress): Promise<void> {
    if (await this.#profiles.read(address, needsScrub)) {
      await scrub(this.#profiles.path(address), memoryLimits.lockWaitMs);
    }
  }

  /** Finishes what an earlier process left undone. */
  #opened(address: ProfileAddress, profile: ProfileDatabase): void {
    if (needsScrub(profile))
      this.#background.start(`scrub ${this.#profiles.path(address)}`, () => this.#scrub(address));
  }
}

function unknownProfile(profile: string): SwitchyardError {
  return new SwitchyardError("not_found", `there is no memory profile ${JSON.stringify(profile)}`, {
    next: "Name a profile that something was remembered in",
    details: { profile },
  });
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
