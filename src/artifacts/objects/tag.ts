import { MalformedData } from "./malformed.ts";
import { isObjectType, isOid, type ObjectType, type Oid } from "./object.ts";
import { formatPerson, type Person, parsePerson } from "./person.ts";

/** An annotated tag. */
export interface Tag {
  readonly object: Oid;
  readonly type: ObjectType;
  readonly name: string;
  readonly tagger: Person | null;
  readonly message: string;
}

export function parseTag(bytes: Buffer): Tag {
  const end = bytes.indexOf("\n\n");
  const head = new Map<string, string>();
  for (const line of bytes.toString("utf8", 0, end < 0 ? bytes.length : end).split("\n")) {
    const space = line.indexOf(" ");
    if (space > 0 && !head.has(line.slice(0, space))) head.set(line.slice(0, space), line.slice(space + 1));
  }
  const object = head.get("object") ?? "";
  const type = head.get("type") ?? "";
  if (!isOid(object) || !isObjectType(type)) throw new MalformedData("a tag names no object");
  const tagger = head.get("tagger");
  return {
    object,
    type,
    name: head.get("tag") ?? "",
    tagger: tagger === undefined ? null : parsePerson(tagger),
    message: end < 0 ? "" : bytes.toString("utf8", end + 2),
  };
}

export function formatTag(tag: Tag): Buffer {
  const lines = [`object ${tag.object}`, `type ${tag.type}`, `tag ${tag.name}`];
  if (tag.tagger) lines.push(`tagger ${formatPerson(tag.tagger)}`);
  lines.push("", tag.message.endsWith("\n") ? tag.message : `${tag.message}\n`);
  return Buffer.from(lines.join("\n"), "utf8");
}
