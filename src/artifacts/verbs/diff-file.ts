import { artifactLimits } from "../../core/limits.ts";
import { fromByteString } from "../objects/byte-string.ts";
import { zeroOid } from "../objects/object.ts";
import type { TreeEntry } from "../objects/tree.ts";
import { readObject } from "../read-object.ts";
import type { ObjectStore } from "../store/object-store.ts";
import { diffLines } from "../text/line-diff.ts";
import { isBinary, splitLines } from "../text/lines.ts";
import { formatHunk, type Hunk, makeHunks } from "../text/unified-diff.ts";
import type { TreeChange } from "../tree-changes.ts";

export interface FileComparison {
  readonly added: number;
  readonly deleted: number;
  /** Binary content, or content too large to compare by lines. */
  readonly isBinary: boolean;
  readonly hunks: readonly Hunk[];
}

/** Compares the two contents of a change line by line. */
export async function compareFile(
  objects: ObjectStore,
  change: TreeChange,
  withHunks: boolean,
): Promise<FileComparison> {
  const [before, after] = [await contentOf(objects, change.before), await contentOf(objects, change.after)];
  if (before === null || after === null) return { added: 0, deleted: 0, isBinary: true, hunks: [] };
  const [a, b] = [splitLines(before), splitLines(after)];
  const changes = diffLines(a, b);
  const added = changes.reduce((sum, { bStart, bEnd }) => sum + bEnd - bStart, 0);
  const deleted = changes.reduce((sum, { aStart, aEnd }) => sum + aEnd - aStart, 0);
  if (!withHunks) return { added, deleted, isBinary: false, hunks: [] };
  const text = (lines: readonly string[]) => lines.map((line) => Buffer.from(line, "latin1").toString("utf8"));
  return { added, deleted, isBinary: false, hunks: makeHunks(text(a), text(b), changes) };
}

/** Nothing for a side that is absent; null where there is nothing to compare by lines. */
async function contentOf(objects: ObjectStore, entry: TreeEntry | null): Promise<Buffer | null> {
  if (entry === null) return Buffer.alloc(0);
  if (entry.mode === "160000") return Buffer.from(`Subproject commit ${entry.oid}\n`);
  const info = await objects.info(entry.oid);
  if (info !== null && info.size > artifactLimits.diffFileBytesMax) return null;
  const bytes = await readObject(objects, entry.oid, "blob");
  return isBinary(bytes) ? null : bytes;
}

/** One file of a unified diff, as git writes it. */
export function formatFileDiff({ path, before, after }: TreeChange, compared: FileComparison): string {
  const [a, b] = [quotePath("a/", path), quotePath("b/", path)];
  let text = `diff --git ${a} ${b}\n`;
  const mode = (entry: TreeEntry) => entry.mode.padStart(6, "0");
  if (before === null && after !== null) text += `new file mode ${mode(after)}\n`;
  else if (after === null && before !== null) text += `deleted file mode ${mode(before)}\n`;
  else if (before && after && before.mode !== after.mode) text += `old mode ${mode(before)}\nnew mode ${mode(after)}\n`;
  if (before?.oid === after?.oid) return text;
  const same = before && after && before.mode === after.mode ? ` ${mode(after)}` : "";
  text += `index ${before?.oid ?? zeroOid}..${after?.oid ?? zeroOid}${same}\n`;
  const [left, right] = [before === null ? "/dev/null" : a, after === null ? "/dev/null" : b];
  if (compared.isBinary) return `${text}Binary files ${left} and ${right} differ\n`;
  if (compared.hunks.length === 0) return text;
  // A tab tells where a name with spaces in it ends.
  const end = (name: string) => (/\s/.test(name) && !name.startsWith('"') ? `${name}\t` : name);
  return `${text}--- ${end(left)}\n+++ ${end(right)}\n${compared.hunks.map(formatHunk).join("")}`;
}

/** Git quotes names with quotes, backslashes and control characters in them. */
function quotePath(prefix: string, path: TreeChange["path"]): string {
  const text = prefix + fromByteString(path);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is quoted
  if (!/["\\\x00-\x1f\x7f]/.test(text)) return text;
  return `"${text.replace(/["\\]/g, "\\$&").replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is quoted
    /[\x00-\x1f\x7f]/g,
    (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, "0")}`,
  )}"`;
}
