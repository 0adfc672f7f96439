import type { Caller, CallOptions } from "../../core/caller.ts";
import type { Clock } from "../../core/clock.ts";
import { memoryLimits } from "../../core/limits.ts";
import { allowedProfile } from "../access.ts";
import type { RecallArgs } from "../arguments.ts";
import { bounded } from "../bounded.ts";
import { parseInstant } from "../instant.ts";
import { checkText, invalid } from "../new-memory.ts";
import type { ProfileDatabase } from "../profile-database.ts";
import type { ProfileAddress, Profiles } from "../profiles.ts";
import type { RecalledMemory, RecallResult } from "../results.ts";
import type { Analyzer } from "../text/analyzer.ts";
import type { Upkeep } from "../upkeep.ts";
import { VectorIndex } from "../vectors/vector-index.ts";
import { Consultant, type RecallModels } from "./consult.ts";
import { readQuestion } from "./question.ts";
import { recallFrom, type Search, withinTokens } from "./recall.ts";
import { readScope } from "./scope.ts";

export interface RecallerOptions {
  readonly profiles: Profiles;
  readonly upkeep: Upkeep;
  readonly analyzer: Analyzer;
  readonly clock: Clock;
  readonly models: RecallModels;
}

/** Answers recalls: checks what is asked, asks the models there are, searches each profile, joins what they found. */
export class Recaller {
  readonly #options: RecallerOptions;
  readonly #consultant: Consultant;
  readonly #vectorIndexes = new WeakMap<ProfileDatabase, VectorIndex>();

  constructor(options: RecallerOptions) {
    this.#options = options;
    this.#consultant = new Consultant(options.models);
  }

  async recall(args: RecallArgs, caller: Caller, { signal }: CallOptions): Promise<RecallResult> {
    const addresses = recallAddresses(args, caller);
    checkQuery(args.query);
    const { recallLimitDefault, recallLimitMax, neighboursMax, rerankMax } = memoryLimits;
    const limit = bounded("limit", args.limit ?? recallLimitDefault, recallLimitMax);
    const neighbours = bounded("neighbours", args.neighbours ?? 0, neighboursMax);
    const { analyzer, clock, models } = this.#options;
    const now = clock.now();
    const scope = readScope(args, now);
    const reference =
      args.reference_date === undefined ? (scope.asOf ?? now) : parseInstant(args.reference_date, "reference_date");
    const { vector, expansions, warnings } = await this.#consultant.about(args.query, caller, signal);
    const question = readQuestion(args.query, reference, analyzer, expansions);
    const most = models.reranker === undefined ? limit : Math.max(limit, rerankMax);
    const search = { question, scope, analyzer, limit: most, neighbours };
    const found: RecalledMemory[] = [];
    for (const address of addresses) found.push(...(await this.#search(address, caller, search, vector, signal)));
    if (addresses.length > 1) found.sort((a, b) => b.score - a.score);
    const said = [...warnings];
    const ordered = await this.#consultant.rerank(args.query, found, caller, signal, said);
    const memories = withinTokens(ordered.slice(0, limit), args.max_tokens);
    return { memories, ...(said.length > 0 && { warnings: said }) };
  }

  async #search(
    address: ProfileAddress,
    caller: Caller,
    search: Omit<Search, "meaning">,
    vector: Float32Array | undefined,
    signal: AbortSignal | undefined,
  ): Promise<RecalledMemory[]> {
    const { profiles, upkeep } = this.#options;
    const found = await profiles.read(
      address,
      (profile) => {
        upkeep.look(address, profile, caller);
        const meaning = vector && { vector, index: this.#vectorIndex(profile, vector.length) };
        return recallFrom(profile, address.profile, { ...search, meaning });
      },
      signal,
    );
    return found ?? [];
  }

  #vectorIndex(profile: ProfileDatabase, dimensions: number): VectorIndex {
    let index = this.#vectorIndexes.get(profile);
    if (index === undefined) {
      index = new VectorIndex(this.#options.models.embedder?.model ?? "", dimensions);
      this.#vectorIndexes.set(profile, index);
    }
    return index;
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
