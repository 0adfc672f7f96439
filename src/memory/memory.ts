import type { Caller, CallOptions } from "../core/caller.ts";
import type { Clock } from "../core/clock.ts";
import { SwitchyardError } from "../core/errors.ts";
import { memoryLimits } from "../core/limits.ts";
import { allowedProfile, mayUse } from "./access.ts";
import type { ForgetArgs, ListArgs, RecallArgs, RememberArgs } from "./arguments.ts";
import type { Memory, MemoryOptions } from "./contract.ts";
import { readCursor } from "./cursor.ts";
import { enqueue } from "./extract/queue.ts";
import { chooseMemories, erase, eraseAll, retract } from "./forget.ts";
import { planForget } from "./forget-plan.ts";
import { importRows } from "./import.ts";
import { importLines, rowsAfter } from "./import-lines.ts";
import { listMemories } from "./list.ts";
import { invalid, newMemories } from "./new-memory.ts";
import { toHeader, toLine } from "./portable.ts";
import { type ProfileAddress, Profiles } from "./profiles.ts";
import { Recaller } from "./recall/recaller.ts";
import { rememberAll } from "./remember.ts";
import {
  type MemoryResource,
  type MemoryResourceContent,
  memoryPage,
  noSuchResource,
  profilePage,
  profileUri,
  readUri,
} from "./resources.ts";
import type { ForgetResult, ImportResult, ListResult, RecallResult, RememberResult } from "./results.ts";
import { indexedText } from "./search-index.ts";
import { analyzeAhead } from "./text/analyze-ahead.ts";
import { type Analyzer, createAnalyzer } from "./text/analyzer.ts";
import { Upkeep } from "./upkeep.ts";

export type { Memory, MemoryOptions };

export function openMemory(options: MemoryOptions): Memory {
  return new SqliteMemory(options);
}

class SqliteMemory implements Memory {
  readonly #clock: Clock;
  readonly #profiles: Profiles;
  readonly #upkeep: Upkeep;
  readonly #recaller: Recaller;
  readonly #canExtract: boolean;
  readonly #analyzer: Analyzer = createAnalyzer(memoryLimits.cachedWordsMax);

  constructor(options: MemoryOptions) {
    const { directory, clock, rng, embedder, expander, reranker, extractor, onBackgroundError } = options;
    this.#clock = clock;
    this.#canExtract = extractor !== undefined;
    this.#profiles = new Profiles(directory, clock, rng, (address, profile) => this.#upkeep.opened(address, profile));
    this.#upkeep = new Upkeep({
      profiles: this.#profiles,
      analyzer: this.#analyzer,
      clock,
      rng,
      embedder,
      extractor,
      onError: onBackgroundError ?? (() => {}),
    });
    this.#recaller = new Recaller({
      profiles: this.#profiles,
      upkeep: this.#upkeep,
      analyzer: this.#analyzer,
      clock,
      models: { embedder, expander, reranker },
    });
  }

  async remember(args: RememberArgs, caller: Caller, options: CallOptions = {}): Promise<RememberResult> {
    const address = allowedProfile(caller, "write", args.profile);
    const memories = newMemories(args);
    const { extract } = args;
    if (extract !== undefined) this.#checkExtract(args);
    const analyzer = await analyzeAhead(this.#analyzer, memories.map(indexedText));
    const { remembered, extracting } = await this.#profiles.write(
      address,
      (profile) => {
        const remembered = rememberAll(profile, analyzer, memories, { key: caller.key, now: this.#clock.now() });
        const ids = remembered.map((memory) => memory.id);
        return { remembered, extracting: extract === undefined ? undefined : enqueue(profile, ids, extract) };
      },
      options.signal,
    );
    await this.#profiles.read(address, (profile) => this.#upkeep.look(address, profile, caller));
    const session = args.messages === undefined ? null : (memories[0]?.session ?? null);
    return {
      memories: remembered,
      ...(session !== null && { session }),
      ...(extracting !== undefined && { extracting }),
    };
  }

  #checkExtract(args: RememberArgs): void {
    if (args.messages === undefined) {
      throw invalid(
        "extract",
        "extract is given without messages",
        "Send the conversation as messages, or leave it out",
      );
    }
    if (this.#canExtract) return;
    throw new SwitchyardError("unsupported", "this memory has no model to extract facts with", {
      next: "Leave extract out: the messages are kept verbatim and found without it",
      details: { field: "extract" },
    });
  }

  recall(args: RecallArgs, caller: Caller, options: CallOptions = {}): Promise<RecallResult> {
    return this.#recaller.recall(args, caller, options);
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
    if (plan.mode === "erase") await this.#upkeep.scrub(address);
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

  async resources(caller: Caller): Promise<MemoryResource[]> {
    if (caller.rights.memory === "none") return [];
    const names = this.#profiles.names(caller.workspace).filter((name) => mayUse(caller, name));
    return names.slice(0, memoryLimits.resourcesMax).map((name) => {
      return { uri: profileUri(name), name: `memory profile ${name}`, mimeType: "text/markdown" };
    });
  }

  async readResource(uri: string, caller: Caller, options: CallOptions = {}): Promise<MemoryResourceContent> {
    const { profile: name, id } = readUri(uri);
    const address = allowedProfile(caller, "read", name);
    const now = this.#clock.now();
    const text = await this.#profiles.read(
      address,
      (profile) =>
        id === undefined ? profilePage(profile, address.profile, now) : memoryPage(profile, address.profile, id),
      options.signal,
    );
    if (text === undefined) throw noSuchResource(uri);
    return { uri, mimeType: id === undefined ? "text/markdown" : "application/json", text };
  }

  settled(): Promise<void> {
    return this.#upkeep.idle();
  }

  async close(): Promise<void> {
    await this.#upkeep.close();
    await this.#profiles.close();
  }
}

function unknownProfile(profile: string): SwitchyardError {
  return new SwitchyardError("not_found", `there is no memory profile ${JSON.stringify(profile)}`, {
    next: "Name a profile that something was remembered in",
    details: { profile },
  });
}
