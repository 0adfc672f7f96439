import { type ByteString, sliceByteString } from "./byte-string.ts";
import { MalformedData } from "./malformed.ts";
import type { Oid } from "./object.ts";

/** The modes git writes. Old ones (100664) are read as the nearest of these. */
export type TreeMode = "100644" | "100755" | "120000" | "40000" | "160000";

export interface TreeEntry {
  readonly mode: TreeMode;
  readonly name: ByteString;
  readonly oid: Oid;
}

/** Reads a tree object. @throws invalid_request when it is malformed. */
export function parseTree(bytes: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    const nul = space < 0 ? -1 : bytes.indexOf(0, space);
    if (nul < 0 || nul + 21 > bytes.length) throw new MalformedData(`a tree ends inside an entry at byte ${at}`);
    entries.push({
      mode: normalMode(bytes.toString("latin1", at, space)),
      name: sliceByteString(bytes, space + 1, nul),
      oid: bytes.toString("hex", nul + 1, nul + 21),
    });
    at = nul + 21;
  }
  return entries;
}

/** Writes a tree object, in git's order. */
export function formatTree(entries: Iterable<TreeEntry>): Buffer {
  const parts: Buffer[] = [];
  for (const entry of [...entries].sort(compareEntries)) {
    parts.push(Buffer.from(`${entry.mode} ${entry.name}\0`, "latin1"), Buffer.from(entry.oid, "hex"));
  }
  return Buffer.concat(parts);
}

/** Git's order: by bytes, where a directory's name counts as if it ended in a slash. */
export function compareEntries(a: Pick<TreeEntry, "mode" | "name">, b: Pick<TreeEntry, "mode" | "name">): number {
  const left = isDirectory(a) ? `${a.name}/` : a.name;
  const right = isDirectory(b) ? `${b.name}/` : b.name;
  return left < right ? -1 : left > right ? 1 : 0;
}

export function isDirectory(entry: Pick<TreeEntry, "mode">): boolean {
  return entry.mode === "40000";
}

export type EntryKind = "file" | "directory" | "symlink" | "submodule";

export function entryKind(entry: Pick<TreeEntry, "mode">): EntryKind {
  if (entry.mode === "40000") return "directory";
  if (entry.mode === "120000") return "symlink";
  return entry.mode === "160000" ? "submodule" : "file";
}

/** Modes that older gits and other writers left in trees, read as git reads them. */
function normalMode(text: string): TreeMode {
  const mode = Number.parseInt(text, 8);
  switch (mode & 0o170000) {
    case 0o040000:
      return "40000";
    case 0o120000:
      return "120000";
    case 0o160000:
      return "160000";
    case 0o100000:
      return mode & 0o100 ? "100755" : "100644";
    default:
      throw new MalformedData(`a tree entry has mode ${JSON.stringify(text)}`);
  }
}
