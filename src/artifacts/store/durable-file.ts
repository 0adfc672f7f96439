import { closeSync, fsync, openSync, unlinkSync, writeSync } from "node:fs";
import { promisify } from "node:util";
import { SwitchyardError } from "../../core/errors.ts";

const sync = promisify(fsync);

/** Writes a new file and waits until its content is on the disk; its name is not, until its directory is synced. */
export async function writeSynced(path: string, bytes: Uint8Array, mode: number): Promise<void> {
  const fd = openSync(path, "wx", mode);
  try {
    writeAll(fd, bytes);
    await sync(fd);
  } catch (error) {
    unlinkQuietly(path);
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** Makes what was renamed into or removed from a directory survive a power cut. */
export async function syncDirectory(path: string): Promise<void> {
  // Windows has no such call, and its journal orders renames by itself.
  if (process.platform === "win32") return;
  const fd = openSync(path, "r");
  try {
    await sync(fd);
  } finally {
    closeSync(fd);
  }
}

export async function syncFile(fd: number): Promise<void> {
  await sync(fd);
}

/** `writeSync` may write less than asked for. */
export function writeAll(fd: number, bytes: Uint8Array): void {
  let at = 0;
  while (at < bytes.length) at += writeSync(fd, bytes, at);
}

export function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch {
    // It was gone, which is what was asked for.
  }
}

/** The operating system's code of a failed file operation: `ENOENT`, `ENOSPC`. */
export function fileErrorCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}

/** What the caller is told when the disk itself refuses; any other error is returned as it is. */
export function diskError(error: unknown): unknown {
  const code = fileErrorCode(error);
  const reason = code === undefined ? undefined : diskReasons[code];
  if (reason === undefined) return error;
  return new SwitchyardError("unavailable", `the disk refused to keep the data: ${reason}`, {
    next: "Nothing was changed. Free space or fix the data directory's permissions, then call again",
    retryable: true,
    details: { reason: code },
    cause: error,
  });
}

const diskReasons: Readonly<Record<string, string>> = {
  ENOSPC: "it is full",
  EDQUOT: "the quota is used up",
  EROFS: "it is read-only",
  EIO: "it reports an input or output error",
  EMFILE: "too many files are open",
  ENFILE: "too many files are open",
  EACCES: "permission denied",
  EFBIG: "a file would be larger than the system allows",
};
