import { MalformedData } from "../objects/malformed.ts";

/** What a walk is told of an entry that is new: whether it is a tree, its id's place, and its old id's place or -1. */
export type OnEntry = (isTree: boolean, oidAt: number, oldOidAt: number) => void;

const tree = 0x34; // "40000" begins with 4
const submodule = 0x36; // "160000" has 6 in second place

/**
 * Finds the entries of one tree that another does not have as they are, on the trees' bytes. Submodules are left out.
 * `old` may be empty. An entry that only changed, and is a tree on both sides or on neither, is told with its old id.
 */
export function diffTrees(bytes: Buffer, old: Buffer, onEntry: OnEntry): void {
  let at = 0;
  let oldAt = 0;
  while (at < bytes.length) {
    const nul = endOfName(bytes, at);
    const end = nul + 21;
    if (end > bytes.length) throw new MalformedData("a tree ends inside an entry");
    if (oldAt < old.length && isSame(bytes, at, end, old, oldAt)) {
      oldAt += end - at;
      at = end;
      continue;
    }
    let oldOidAt = -1;
    while (oldAt < old.length) {
      const oldNul = endOfName(old, oldAt);
      const order = compareNames(bytes, at, nul, old, oldAt, oldNul);
      if (order < 0) break;
      oldAt = oldNul + 21;
      if (order > 0) continue;
      oldOidAt = oldNul + 1;
      break;
    }
    const isTree = bytes[at] === tree;
    const isUnchanged = oldOidAt >= 0 && bytes.compare(old, oldOidAt, oldOidAt + 20, nul + 1, end) === 0;
    if (!isUnchanged && bytes[at + 1] !== submodule) onEntry(isTree, nul + 1, oldOidAt);
    at = end;
  }
}

function endOfName(bytes: Buffer, at: number): number {
  let next = at;
  while (next < bytes.length && bytes[next] !== 0) next += 1;
  return next;
}

function isSame(bytes: Buffer, at: number, end: number, old: Buffer, oldAt: number): boolean {
  if (oldAt + end - at > old.length) return false;
  // From the back: ids differ more often than modes.
  for (let i = end - 1, j = oldAt + end - at - 1; i >= at; i--, j--) {
    if (bytes[i] !== old[j]) return false;
  }
  return true;
}

/** Git's order of entries, where a tree's name counts as if it ended in a slash; 0 for one name and one kind. */
function compareNames(a: Buffer, aAt: number, aNul: number, b: Buffer, bAt: number, bNul: number): number {
  let i = a.indexOf(0x20, aAt) + 1;
  let j = b.indexOf(0x20, bAt) + 1;
  while (i < aNul && j < bNul && a[i] === b[j]) {
    i += 1;
    j += 1;
  }
  const left = i < aNul ? (a[i] ?? 0) : a[aAt] === tree ? 0x2f : 0;
  const right = j < bNul ? (b[j] ?? 0) : b[bAt] === tree ? 0x2f : 0;
  return left - right;
}
