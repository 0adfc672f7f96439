import { type ByteString, sliceByteString } from "./byte-string.ts";
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

const modes: ReadonlySet<string> = new Set(["100644", "100755", "120000", "40000", "160000"]);
const nullOid = Buffer.alloc(20);
const namePathBytesMax = 4_096;

function checkTree(bytes: Buffer): FsckResult {
  const gitmodules: Oid[] = [];
  const names = new Set<ByteString>();
  let last = "";
  let at = 0;
  const fails = (problem: string): FsckResult => ({ problem: `a tree has ${problem}`, gitmodules });
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    const nul = space < 0 ? -1 : bytes.indexOf(0, space);
    if (nul < 0 || nul + 21 > bytes.length) return fails("an entry cut short");
    const mode = bytes.toString("latin1", at, space);
    const name = sliceByteString(bytes, space + 1, nul);
    if (!modes.has(mode)) return fails(`an entry of mode ${JSON.stringify(mode.slice(0, 20))}`);
    const forbidden = forbiddenName(name);
    if (forbidden !== null) return fails(forbidden);
    if (name.length > namePathBytesMax) return fails("a name that is too long");
    if (bytes.compare(nullOid, 0, 20, nul + 1, nul + 21) === 0) return fails("an entry without an id");
    const ordered = mode === "40000" ? `${name}/` : name;
    if (names.has(name)) return fails("a name twice");
    if (ordered <= last) return fails("entries out of order");
    if (isDotGitmodules(name)) {
      if (mode === "120000") return fails("a link named .gitmodules");
      if (mode !== "40000" && mode !== "160000") gitmodules.push(bytes.toString("hex", nul + 1, nul + 21));
    }
    names.add(name);
    last = ordered;
    at = nul + 21;
  }
  return { problem: null, gitmodules };
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
