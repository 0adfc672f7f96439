import { linkSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock, Rng } from "../../core/clock.ts";
import { throwIfAborted } from "../../core/deadline.ts";
import { SwitchyardError } from "../../core/errors.ts";
import { artifactLimits } from "../../core/limits.ts";
import { fileErrorCode, unlinkQuietly } from "./durable-file.ts";
import { holderLine, isHolderGone } from "./lock-holder.ts";

export interface LockParts {
  readonly clock: Clock;
  readonly rng: Rng;
  /** Runs its argument while no other process runs one: what makes taking over an abandoned lock safe. */
  readonly exclusively: <Result>(act: () => Result) => Result;
}

export interface LockFile {
  release(): void;
}

/**
 * Takes git's lock on a file: `<path>.lock`, made only if it is not there. It holds our name rather than the new
 * content, so that a lock whose process was killed can be taken over.
 * @throws unavailable when it is held for too long; what the file system throws when the directory is missing.
 */
export async function acquireLock(
  path: string,
  temporaryDirectory: string,
  parts: LockParts,
  signal?: AbortSignal,
): Promise<LockFile> {
  const lock = `${path}.lock`;
  const until = parts.clock.monotonicMs() + artifactLimits.refLockWaitMs;
  for (let attempt = 0; ; attempt++) {
    if (create(lock, temporaryDirectory, parts.rng)) return { release: () => unlinkQuietly(lock) };
    if (removeAbandoned(lock, parts)) continue;
    throwIfAborted(signal);
    if (parts.clock.monotonicMs() >= until) {
      throw new SwitchyardError("unavailable", "another process holds the lock on the reference", {
        next: `Call again; if it stays so and no git command runs in the repository, remove ${lock}`,
        retryable: true,
      });
    }
    await parts.clock.sleep(Math.min(50, 2 ** Math.min(attempt, 5)) * (0.5 + parts.rng.fraction()), signal);
  }
}

/** A lock appears with its content in it, or not at all. */
function create(lock: string, temporaryDirectory: string, rng: Rng): boolean {
  const temporary = join(temporaryDirectory, `lock-${Buffer.from(rng.bytes(9)).toString("base64url")}`);
  writeFileSync(temporary, holderLine(), { flag: "wx" });
  try {
    linkSync(temporary, lock);
    return true;
  } catch (error) {
    const code = fileErrorCode(error);
    if (code === "EEXIST") return false;
    if (code === "EPERM" || code === "ENOTSUP" || code === "EOPNOTSUPP") return createWithoutLinks(lock);
    throw error;
  } finally {
    unlinkQuietly(temporary);
  }
}

function createWithoutLinks(lock: string): boolean {
  try {
    writeFileSync(lock, holderLine(), { flag: "wx" });
    return true;
  } catch (error) {
    if (fileErrorCode(error) === "EEXIST") return false;
    throw error;
  }
}

/** Nobody else removes a dead holder's lock while we are here, so what we look at is what we remove. */
function removeAbandoned(lock: string, parts: LockParts): boolean {
  if (!isAbandoned(lock, parts.clock)) return false;
  return parts.exclusively(() => {
    if (!isAbandoned(lock, parts.clock)) return false;
    unlinkQuietly(lock);
    return true;
  });
}

function isAbandoned(lock: string, clock: Clock): boolean {
  try {
    const gone = isHolderGone(readFileSync(lock, "utf8"));
    return gone ?? clock.now() - statSync(lock).mtimeMs > artifactLimits.foreignLockStaleMs;
  } catch {
    // Released meanwhile: try to create it.
    return false;
  }
}
