import { SwitchyardError } from "../core/errors.ts";

const primaryCodes: Readonly<Record<number, readonly [what: string, next: string]>> = {
  8: ["the memory file cannot be written", "Check that the data directory is writable, then call again"],
  10: ["the disk refused a read or a write", "Check the disk and its free space, then call again"],
  11: ["the memory file is damaged", "Restore it from a backup or an export, then call again"],
  13: ["the disk is full", "Free some space, then call again"],
  26: ["the memory file is not a database", "Move it away or restore it from a backup, then call again"],
};

/** SQLite's operating errors in words. Anything else is returned as it was. */
export function storeError(error: unknown, profile: string): unknown {
  const code = (error as { errcode?: unknown } | null)?.errcode;
  const known = typeof code === "number" ? primaryCodes[code & 0xff] : undefined;
  if (known === undefined) return error;
  return new SwitchyardError("unavailable", `${known[0]}; nothing of this call was kept`, {
    next: known[1],
    retryable: true,
    details: { profile },
    cause: error,
  });
}
