import { readFileSync, statSync } from "node:fs";
import { isOid, type Oid } from "../objects/object.ts";
import { fileErrorCode } from "./durable-file.ts";

export interface PackedRef {
  readonly oid: Oid;
  /** What an annotated tag points to in the end, when the file says. */
  readonly peeled: Oid | undefined;
}

export type PackedRefs = ReadonlyMap<string, PackedRef>;

/** Reads `packed-refs`, again only when the file has changed. */
export function openPackedRefs(path: string): { read(): PackedRefs } {
  let seen = "";
  let refs: PackedRefs = new Map();
  return {
    read() {
      const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
      // The file is only ever replaced, so a new one has another inode even within one tick of the clock.
      const stamp = stat === undefined ? "" : `${stat.ino}:${stat.mtimeNs}:${stat.size}`;
      if (stamp !== seen) {
        refs = stamp === "" ? new Map() : parsePackedRefs(readIfThere(path));
        seen = stamp;
      }
      return refs;
    },
  };
}

export function parsePackedRefs(text: string): PackedRefs {
  const refs = new Map<string, PackedRef>();
  let last: string | undefined;
  for (const line of text.split("\n")) {
    if (line.startsWith("^")) {
      const peeled = line.slice(1, 41);
      const ref = last === undefined ? undefined : refs.get(last);
      if (last !== undefined && ref !== undefined && isOid(peeled)) refs.set(last, { oid: ref.oid, peeled });
      continue;
    }
    const oid = line.slice(0, 40);
    if (!isOid(oid) || line[40] !== " ") continue;
    last = line.slice(41);
    refs.set(last, { oid, peeled: undefined });
  }
  return refs;
}

export function formatPackedRefs(refs: PackedRefs): string {
  const names = [...refs.keys()].sort();
  // Without "fully-peeled": an entry that came without its peeled id stays without.
  let text = "# pack-refs with: peeled sorted \n";
  for (const name of names) {
    const ref = refs.get(name);
    if (ref === undefined) continue;
    text += `${ref.oid} ${name}\n`;
    if (ref.peeled !== undefined) text += `^${ref.peeled}\n`;
  }
  return text;
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (fileErrorCode(error) === "ENOENT") return "";
    throw error;
  }
}
