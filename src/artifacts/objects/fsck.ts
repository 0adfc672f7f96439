import { sliceByteString } from "./byte-string.ts";
import { forbiddenName, isDotGitmodules } from "./forbidden-name.ts";
import { isObjectType, isOid, type ObjectType, type Oid, zeroOid } from "./object.ts";

/** What a check found: nothing, or what is wrong; and the blobs that have to be read as `.gitmodules`. */
export interface FsckResult {
  readonly problem: string | null;
  readonly gitmodules: readonly Oid[];
}

const sound: FsckResult = { problem: null, gitmodules: [] };

/** Checks what `git fsck --strict` checks of one object's own content. */
export function checkObject(type: ObjectType, bytes: Buffer): FsckResult {
  if (type === "blob") return sound;
  if (type === "tree") return checkTree(bytes);
  return { problem: type === "commit" ? commitProblem(bytes) : tagProblem(bytes), gitmodules: [] };
}

const modes = ["100644", "100755", "120000", "40000", "160000"].map((mode) => Buffer.from(`${mode} `));
const directoryMode = modes[3];
const linkMode = modes[2];
const submoduleMode = modes[4];
const nullOid = Buffer.alloc(20);
const nameBytesMax = 4_096;
/** Works on bytes: a push of a long history brings millions of entries. */
function checkTree(bytes: Buffer): FsckResult {
  const gitmodules: Oid[] = [];
  const entries: NameRange[] = [];
  const fails = (problem: string): FsckResult => ({ problem: `a tree has ${problem}`, gitmodules });
  for (let at = 0; at < bytes.length; ) {
    const mode = modes.find((one) => startsWith(bytes, at, one));
    if (mode === undefined) return fails(`an entry of mode ${shownMode(bytes, at)}`);
    const start = at + mode.length;
    const { end, isPlain } = scanName(bytes, start);
    if (end < 0 || end + 21 > bytes.length) return fails("an entry cut short");
    const entry = { start, end, isDirectory: mode === directoryMode };
    const problem = (isPlain ? null : nameProblem(bytes, entry)) ?? orderProblem(bytes, entries, entry);
    if (problem !== null) return fails(problem);
    const isNull = bytes[end + 1] === 0 && bytes.compare(nullOid, 0, 20, end + 1, end + 21) === 0;
    if (isNull) return fails("an entry without an id");
    const isFile = !entry.isDirectory && mode !== submoduleMode;
    if (isFile && !isPlain && isDotGitmodules(sliceByteString(bytes, start, end))) {
      if (mode === linkMode) return fails("a link named .gitmodules");
      gitmodules.push(bytes.toString("hex", end + 1, end + 21));
    }
    entries.push(entry);
    at = end + 21;
  }
  return gitmodules.length === 0 ? sound : { problem: null, gitmodules };
}

interface NameRange {
  readonly start: number;
  readonly end: number;
  readonly isDirectory: boolean;
}

/**
 * Finds a name's end, and tells whether the name can be no problem: it is not empty, not long, does not begin with a
 * dot, has no slash, nothing beyond ASCII, and not the letters that every alias of .git and .gitmodules begins with.
 */
function scanName(bytes: Buffer, start: number): { readonly end: number; readonly isPlain: boolean } {
  let isPlain = bytes[start] !== 0 && bytes[start] !== 0x2e;
  let last = 0;
  for (let at = start; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === 0) return { end: at, isPlain: isPlain && at - start <= nameBytesMax };
    const isGi = (byte | 0x20) === 0x69 && (last | 0x20) === 0x67;
    if (byte === 0x2f || byte > 0x7f || isGi) isPlain = false;
    last = byte;
  }
  return { end: -1, isPlain };
}

function nameProblem(bytes: Buffer, { start, end }: NameRange): string | null {
  return end - start > nameBytesMax ? "a name that is too long" : forbiddenName(sliceByteString(bytes, start, end));
}

/** Entries are in order when each is behind the one before; a file and a directory of one name can have others between. */
function orderProblem(bytes: Buffer, entries: readonly NameRange[], entry: NameRange): string | null {
  const last = entries.at(-1);
  if (last === undefined) return null;
  const order = compareRanges(bytes, last, entry);
  if (order === 0) return "a name twice";
  if (order > 0) return "entries out of order";
  for (let i = entries.length - 1; i >= 0; i--) {
    const before = entries[i];
    if (before === undefined || !beginsWith(bytes, before, entry)) return null;
    if (before.end - before.start === entry.end - entry.start) return "a name twice";
  }
  return null;
}

/** Git's order, where a directory's name counts as if it ended in a slash. */
function compareRanges(bytes: Buffer, a: NameRange, b: NameRange): number {
  let i = a.start;
  let j = b.start;
  while (i < a.end && j < b.end && bytes[i] === bytes[j]) {
    i += 1;
    j += 1;
  }
  const left = i < a.end ? (bytes[i] ?? 0) : a.isDirectory ? 0x2f : 0;
  const right = j < b.end ? (bytes[j] ?? 0) : b.isDirectory ? 0x2f : 0;
  return left - right;
}

function beginsWith(bytes: Buffer, name: NameRange, start: NameRange): boolean {
  const length = start.end - start.start;
  if (name.end - name.start < length || bytes[name.start] !== bytes[start.start]) return false;
  return bytes.compare(bytes, start.start, start.end, name.start, name.start + length) === 0;
}

function startsWith(bytes: Buffer, at: number, what: Buffer): boolean {
  for (let i = 0; i < what.length; i++) if (bytes[at + i] !== what[i]) return false;
  return true;
}

function shownMode(bytes: Buffer, at: number): string {
  const space = bytes.indexOf(0x20, at);
  return JSON.stringify(bytes.toString("latin1", at, space < 0 ? at + 20 : Math.min(space, at + 20)));
}

function commitProblem(bytes: Buffer): string | null {
  const head = headerLines(bytes);
  if (head === null) return "a commit has a NUL in it or no end of its header";
  let at = 0;
  const tree = readOidLine(head[at++], "tree");
  if (tree === null) return "a commit has no tree line";
  while (head[at]?.startsWith("parent ")) {
    if (readOidLine(head[at], "parent") === null) return "a commit has a parent line without an id";
    at += 1;
  }
  const author = identProblem(head[at++], "author");
  if (author !== null) return `a commit has ${author}`;
  if (head[at]?.startsWith("author ")) return "a commit has two authors";
  const committer = identProblem(head[at], "committer");
  return committer === null ? null : `a commit has ${committer}`;
}

function tagProblem(bytes: Buffer): string | null {
  const head = headerLines(bytes);
  if (head === null) return "a tag has a NUL in it or no end of its header";
  if (readOidLine(head[0], "object") === null) return "a tag has no object line";
  if (!head[1]?.startsWith("type ") || !isObjectType(head[1].slice(5))) return "a tag has no type line";
  if (!head[2]?.startsWith("tag ") || head[2].length === 4) return "a tag has no name";
  if (head[3] === undefined) return null;
  const tagger = identProblem(head[3], "tagger");
  return tagger === null ? null : `a tag has ${tagger}`;
}

/** The lines before the first empty one, or null. */
function headerLines(bytes: Buffer): string[] | null {
  if (bytes.includes(0)) return null;
  const end = bytes.indexOf("\n\n");
  if (end >= 0) return bytes.toString("latin1", 0, end).split("\n");
  // Without a message the header may end the object, but not in the middle of a line.
  return bytes.at(-1) === 10 ? bytes.toString("latin1", 0, bytes.length - 1).split("\n") : null;
}

function readOidLine(line: string | undefined, word: string): Oid | null {
  const oid = line?.startsWith(`${word} `) ? line.slice(word.length + 1) : "";
  return isOid(oid) && oid !== zeroOid ? oid : null;
}

function identProblem(line: string | undefined, word: string): string | null {
  if (!line?.startsWith(`${word} `)) return `no ${word} line`;
  const ident = /^ [^<>]* <[^<>]*> (\d+) [+-]\d{4}$/.exec(line.slice(word.length));
  if (!ident) return `a malformed ${word} line`;
  const date = ident[1] ?? "";
  if (date.length > 1 && date.startsWith("0")) return `a date with a leading zero in its ${word} line`;
  return Number(date) > Number.MAX_SAFE_INTEGER ? `a date out of range in its ${word} line` : null;
}
