import type { Caller } from "../core/caller.ts";
import type { Clock, Rng } from "../core/clock.ts";
import { newId } from "../core/ids.ts";
import { memoryLimits } from "../core/limits.ts";
import { Background } from "./background.ts";
import { extractWaiting } from "./extract/extraction.ts";
import { hasWaiting } from "./extract/queue.ts";
import type { Embedder, Extractor } from "./models.ts";
import type { ProfileAccess, ProfileDatabase } from "./profile-database.ts";
import type { ProfileAddress, Profiles } from "./profiles.ts";
import { needsScrub, scrub } from "./scrub.ts";
import type { Analyzer } from "./text/analyzer.ts";
import { embedMissing, needsVectors } from "./vectors/embedding.ts";

export interface UpkeepOptions {
  readonly profiles: Profiles;
  readonly analyzer: Analyzer;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly embedder: Embedder | undefined;
  readonly extractor: Extractor | undefined;
  readonly onError: (error: unknown) => void;
}

/** What is done to profiles while nobody waits: erased bytes overwritten, vectors made, messages read for facts. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #background: Background;
  /** Names this process in leases. */
  readonly #owner: string;

  constructor(options: UpkeepOptions) {
    this.#options = options;
    this.#background = new Background(options.onError);
    this.#owner = newId("run", options.rng);
  }

  /** Finishes an erasure that an earlier process did not. */
  opened(address: ProfileAddress, profile: ProfileDatabase): void {
    if (!needsScrub(profile)) return;
    this.#background.start(`scrub ${this.#path(address)}`, () => this.scrub(address));
  }

  /** Not cancellable: the rows are gone, and their bytes must follow. @throws unavailable when the file stays busy. */
  async scrub(address: ProfileAddress): Promise<void> {
    if (await this.#options.profiles.read(address, needsScrub)) {
      await scrub(this.#path(address), memoryLimits.lockWaitMs);
    }
  }

  /** Starts what a profile needs, on the caller's account. */
  look(address: ProfileAddress, profile: ProfileDatabase, caller: Caller): void {
    const { embedder, extractor, analyzer } = this.#options;
    const access = this.#access(address);
    if (embedder !== undefined && needsVectors(profile, embedder.model)) {
      const embed = (signal: AbortSignal) => embedMissing(access, embedder, caller, this.#owner, signal);
      this.#background.start(`embed ${this.#path(address)}`, embed);
    }
    if (extractor !== undefined && hasWaiting(profile)) {
      const extract = (signal: AbortSignal) => extractWaiting(access, extractor, analyzer, caller, this.#owner, signal);
      this.#background.start(`extract ${this.#path(address)}`, extract);
    }
  }

  idle(): Promise<void> {
    return this.#background.idle();
  }

  close(): Promise<void> {
    return this.#background.close();
  }

  #path(address: ProfileAddress): string {
    return this.#options.profiles.path(address);
  }

  #access(address: ProfileAddress): ProfileAccess {
    const { profiles, clock } = this.#options;
    return {
      read: (use) => profiles.read(address, use),
      write: (use) => profiles.write(address, (profile) => use(profile, clock.now())),
    };
  }
}
