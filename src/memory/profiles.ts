import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Clock, Rng } from "../core/clock.ts";
import { throwIfAborted } from "../core/deadline.ts";
import { SwitchyardError } from "../core/errors.ts";
import { memoryLimits } from "../core/limits.ts";
import { isBusy } from "../store/sqlite.ts";
import { openProfileDatabase, type ProfileDatabase } from "./profile-database.ts";
import { fileName, nameOfFile, profilePath } from "./profile-name.ts";
import { storeError } from "./store-error.ts";
import { WriteQueue } from "./write-queue.ts";

/** Names a profile's file: the workspace and the profile, both checked. */
export interface ProfileAddress {
  readonly workspace: string;
  readonly profile: string;
}

interface OpenProfile {
  readonly database: ProfileDatabase;
  readonly writes: WriteQueue;
  /** Calls that use it now; a profile in use is not closed. */
  uses: number;
}

/**
 * The profiles' files, opened when first used and closed when others need the room: at most `openProfilesMax` are
 * open, so thousands of idle profiles cost nothing.
 */
export class Profiles {
  readonly #directory: string;
  readonly #clock: Clock;
  readonly #rng: Rng;
  readonly #onOpen: (address: ProfileAddress, database: ProfileDatabase) => void;
  /** Least recently used first. */
  readonly #open = new Map<string, OpenProfile>();
  readonly #waiting: (() => void)[] = [];
  #closed = false;

  constructor(
    directory: string,
    clock: Clock,
    rng: Rng,
    onOpen: (address: ProfileAddress, database: ProfileDatabase) => void,
  ) {
    this.#directory = directory;
    this.#clock = clock;
    this.#rng = rng;
    this.#onOpen = onOpen;
  }

  exists(address: ProfileAddress): boolean {
    return existsSync(this.path(address));
  }

  path(address: ProfileAddress): string {
    return profilePath(this.#directory, address.workspace, address.profile);
  }

  /** Names of a workspace's profiles, sorted. */
  names(workspace: string): string[] {
    const directory = join(this.#directory, fileName(workspace));
    if (!existsSync(directory)) return [];
    return readdirSync(directory)
      .filter((file) => file.endsWith(".db"))
      .flatMap((file) => nameOfFile(file.slice(0, -3)) ?? [])
      .sort();
  }

  /** Runs `use` on a profile that exists; a profile nobody wrote to is `undefined` and no file is made. */
  async read<T>(
    address: ProfileAddress,
    use: (database: ProfileDatabase) => T,
    signal?: AbortSignal,
  ): Promise<T | undefined> {
    throwIfAborted(signal);
    if (!this.exists(address)) return undefined;
    return this.#using(address, async ({ database }) => {
      const giveUpAt = this.#clock.monotonicMs() + memoryLimits.lockWaitMs;
      for (;;) {
        try {
          return use(database);
        } catch (error) {
          // A reader waits only in rare moments, such as another process recovering the log.
          if (!isBusy(error) || this.#clock.monotonicMs() > giveUpAt) throw error;
          await this.#clock.sleep(5 + 10 * this.#rng.fraction(), signal);
        }
      }
    });
  }

  /** Runs `use` inside a transaction, and resolves once it is durable. The profile is made when it does not exist. */
  write<T>(address: ProfileAddress, use: (database: ProfileDatabase) => T, signal?: AbortSignal): Promise<T> {
    return this.#using(address, ({ database, writes }) => writes.run(() => use(database), signal));
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const wake of this.#waiting.splice(0)) wake();
    for (const entry of this.#open.values()) await entry.writes.idle();
    for (const entry of this.#open.values()) entry.database.close();
    this.#open.clear();
  }

  async #using<T>(address: ProfileAddress, use: (entry: OpenProfile) => Promise<T>): Promise<T> {
    const entry = await this.#acquire(address);
    try {
      return await use(entry);
    } catch (error) {
      throw storeError(error, address.profile);
    } finally {
      entry.uses -= 1;
      this.#waiting.shift()?.();
    }
  }

  /** Counts the use before it gives up the thread, so that the profile cannot be closed in between. */
  async #acquire(address: ProfileAddress): Promise<OpenProfile> {
    const path = this.path(address);
    for (;;) {
      if (this.#closed) {
        throw new SwitchyardError("unavailable", "memory is closed", { next: "Start Switchyard again" });
      }
      const known = this.#open.get(path);
      if (known !== undefined) {
        this.#open.delete(path);
        this.#open.set(path, known);
        known.uses += 1;
        return known;
      }
      if (this.#open.size < memoryLimits.openProfilesMax || this.#closeIdle()) break;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const database = openProfileDatabase(path);
    const entry = { database, writes: new WriteQueue(database.database, this.#clock, this.#rng), uses: 1 };
    this.#open.set(path, entry);
    this.#onOpen(address, database);
    return entry;
  }

  #closeIdle(): boolean {
    for (const [path, entry] of this.#open) {
      if (entry.uses > 0) continue;
      this.#open.delete(path);
      entry.database.close();
      return true;
    }
    return false;
  }
}
