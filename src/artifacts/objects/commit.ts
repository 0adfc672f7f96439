import { MalformedData } from "./malformed.ts";
import { isOid, type Oid } from "./object.ts";
import { formatPerson, type Person, parsePerson } from "./person.ts";

export interface Commit {
  readonly tree: Oid;
  readonly parents: readonly Oid[];
  readonly author: Person;
  readonly committer: Person;
  readonly message: string;
}

/** Reads a commit object; headers other than these (signatures, encodings, merge tags) are left out. */
export function parseCommit(bytes: Buffer): Commit {
  const end = bytes.indexOf("\n\n");
  const head = bytes.toString("utf8", 0, end < 0 ? bytes.length : end);
  const message = end < 0 ? "" : bytes.toString("utf8", end + 2);
  let tree: Oid | undefined;
  const parents: Oid[] = [];
  let author: Person | undefined;
  let committer: Person | undefined;
  for (const line of head.split("\n")) {
    const space = line.indexOf(" ");
    const value = line.slice(space + 1);
    switch (line.slice(0, space)) {
      case "tree":
        tree ??= value;
        break;
      case "parent":
        parents.push(value);
        break;
      case "author":
        author ??= parsePerson(value);
        break;
      case "committer":
        committer ??= parsePerson(value);
        break;
    }
  }
  if (tree === undefined || !isOid(tree)) throw new MalformedData("a commit names no tree");
  if (!parents.every(isOid)) throw new MalformedData("a commit names a parent that is not an id");
  const unknown = { name: "", email: "", at: 0, zone: "+0000" };
  return { tree, parents, author: author ?? unknown, committer: committer ?? unknown, message };
}

export function formatCommit(commit: Commit): Buffer {
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${formatPerson(commit.author)}`,
    `committer ${formatPerson(commit.committer)}`,
    "",
    commit.message.endsWith("\n") ? commit.message : `${commit.message}\n`,
  ];
  return Buffer.from(lines.join("\n"), "utf8");
}
