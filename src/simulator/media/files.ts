import type { Clock } from "../../core/clock.ts";
import { simulatorLimits } from "../../core/limits.ts";
import type { IdSource } from "../wire/ids.ts";

/** Where a simulator serves what it made: links need no key, as providers' own do not, and run out. */
export const filesPath = "/__files/";

export interface StoredFile {
  readonly bytes: Buffer;
  readonly contentType: string;
  readonly expiresAtMs: number;
}

/** What simulated providers hand out links to. */
export interface Files {
  /** Stores bytes and answers a link to them. */
  put(bytes: Buffer, contentType: string, lifetimeMs: number, extension: string): string;
  /** Stores bytes that are made when they are first asked for. */
  putLazily(make: () => Buffer, contentType: string, lifetimeMs: number, extension: string): string;
  /** Bytes by the path of their link, null when there are none, `expired` when there were. */
  get(path: string): StoredFile | "expired" | null;
  /** Makes every link that is out run out now. */
  expire(): void;
  /** How often any link was fetched. */
  readonly fetched: number;
}

interface Entry {
  make: (() => Buffer) | null;
  bytes: Buffer | null;
  readonly contentType: string;
  expiresAtMs: number;
}

export function files(clock: Clock, ids: IdSource, origin: () => string): Files {
  const entries = new Map<string, Entry>();
  let fetched = 0;
  function store(entry: Entry, extension: string): string {
    const name = `${ids.next("file_")}.${extension}`;
    entries.set(name, entry);
    for (const oldest of entries.keys()) {
      if (entries.size <= simulatorLimits.storedFilesMax) break;
      entries.delete(oldest);
    }
    const expires = Math.floor(entry.expiresAtMs / 1_000);
    return `${origin()}${filesPath}${name}?Expires=${expires}&Signature=simulated`;
  }
  return {
    put: (bytes, contentType, lifetimeMs, extension) =>
      store({ make: null, bytes, contentType, expiresAtMs: clock.now() + lifetimeMs }, extension),
    putLazily: (make, contentType, lifetimeMs, extension) =>
      store({ make, bytes: null, contentType, expiresAtMs: clock.now() + lifetimeMs }, extension),
    get(path) {
      const entry = entries.get(path.slice(filesPath.length));
      if (!entry) return null;
      if (clock.now() >= entry.expiresAtMs) return "expired";
      fetched += 1;
      entry.bytes ??= entry.make?.() ?? Buffer.alloc(0);
      entry.make = null;
      return { bytes: entry.bytes, contentType: entry.contentType, expiresAtMs: entry.expiresAtMs };
    },
    expire() {
      for (const entry of entries.values()) entry.expiresAtMs = 0;
    },
    get fetched() {
      return fetched;
    },
  };
}
